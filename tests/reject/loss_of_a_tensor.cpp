// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::lacks<tessera::lack::loss_that_returns_terms>, tessera::to_be<tessera::want::an_actor_objective> ?>
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor {
  using role = role::actor_objective;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static typename Step::tensor loss(const params&, Step& step) {
    return -step.pi(now).log_prob(step.action()).mean();
  }
};
#else
struct MyActor {
  using role = role::actor_objective;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", -step.pi(now).log_prob(step.action()).mean()};
  }
};
#endif

struct Mine : recipes::Bc::with<actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
