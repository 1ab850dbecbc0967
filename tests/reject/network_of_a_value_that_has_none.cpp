// reject: composition_error<tessera::in<Mine>, tessera::looks_up<tessera::detail::lookup::v>, tessera::which_nothing_brings, tessera::declare_a_need_such_as<tessera::need<(tessera::)?value, tessera::want::value_with_a_network> ?>
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
    return {"actor/mine", (step.v(now) - step.q(now, logged_action)).mean()};
  }
};
#else
struct MyActor : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", (step.value(now) - step.q(now, logged_action)).mean()};
  }
};
#endif

struct Mine : recipes::Iql::with<value<PolicyMean>, actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
