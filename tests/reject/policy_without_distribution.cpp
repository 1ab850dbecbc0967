// reject: composition_error<tessera::in<Mine>, tessera::looks_up<tessera::detail::lookup::pi>, tessera::which_nothing_brings
// lines: 60: it is found in the body of the loss, behind which stands who asked for it
#include <tessera/algorithms/bc.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/select/greedy.hpp>
#include <tessera/value/policy_mean.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", step.pi(now).sample().mean()};
  }
};
#else
struct MyActor : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", step.q(now, logged_action).mean()};
  }
};
#endif

#include "../archetypes/models.hpp"
struct ByPolicy : archetypes::MinimalFittedValue {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return MyActor::loss({}, step);
  }
};
struct Mine : recipe<policy<archetypes::MinimalActsByCritic>, critic<archetypes::MinimalCritic>, value<ByPolicy>,
                     tessera::select<Greedy>> {};

void run() { archetypes::use<Mine>(); }
