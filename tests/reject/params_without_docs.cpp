// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::lacks<tessera::lack::docs>, tessera::to_be<tessera::want::an_actor_objective> ?>
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor {
  using role = role::actor_objective;
  struct params {
    double beta = 1, floor = 0;
  };
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", -step.pi(now).log_prob(step.action()).mean()};
  }
};
#else
struct MyActor {
  using role = role::actor_objective;
  struct params {
    double beta = 1, floor = 0;

    static constexpr doc docs[] = {{"beta", "inverse temperature"}, {"floor", "least density"}};
  };
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", -step.pi(now).log_prob(step.action()).mean()};
  }
};
#endif

struct Mine : recipes::Bc::with<actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
