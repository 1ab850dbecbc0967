// reject: static assertion failed.*step.pi.where, as::target.: the policy has no slowly moving copy.*uses_target_policy = true
// lines: 60: it is found in the body of the loss, behind which stands who asked for it
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", (step.pi(now).mode() - step.pi(now, as::target).mode()).mean()};
  }
};
#else
struct MyActor : no_parameters<role::actor_objective> {
  static constexpr bool uses_target_policy = true;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", (step.pi(now).mode() - step.pi(now, as::target).mode()).mean()};
  }
};
#endif

struct Mine : recipes::Iql::with<actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
