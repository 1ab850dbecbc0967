// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::lacks<tessera::lack::needs>, tessera::to_be<tessera::want::an_actor_objective> ?>
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor {
  using role = role::actor_objective;
  struct params {
    double x = 1;

    static constexpr doc docs[] = {{"x", "mine"}};
  };
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", -step.pi(now).log_prob(step.action()).mean()};
  }
};
#else
struct MyActor {
  using role = role::actor_objective;
  struct params {
    double x = 1;

    static constexpr doc docs[] = {{"x", "mine"}};
  };
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", -step.pi(now).log_prob(step.action()).mean()};
  }
};
#endif

struct Mine : recipes::Iql::with<actor<MyActor>> {};

void run() {
  params_of<Mine> p;
  p.actor.x = 3;
  p.critic.net.hidden = {64, 64};
  learner<Mine, archetypes::SymbolicBackend>::params q = p;
  q.value.tau = 0.9;
  learner<Mine, archetypes::SymbolicBackend> agent{archetypes::small_problem(), {}, q};
  agent.update(archetypes::symbolic_batch());
  agent.act(archetypes::Symbolic{});
}
