// reject: static assertion failed.*step.column<C>..: batches have no such column.*using reads = columns<C>
// lines: 60: it is found in the body of the loss, behind which stands who asked for it
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", (step.returns() * step.pi(now).log_prob(step.action())).mean()};
  }
};
#else
struct MyActor : no_parameters<role::actor_objective> {
  using reads = columns<column::returns>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", (step.returns() * step.pi(now).log_prob(step.action())).mean()};
  }
};
#endif

struct Mine : recipes::Iql::with<actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
