// reject: no member named .bta.
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

void run() {
  params_of<recipes::Iql> p;
#if TESSERA_REJECT
  p.actor.bta = 10;
#else
  p.actor.beta = 10;
#endif
  learner<recipes::Iql, archetypes::SymbolicBackend> agent{archetypes::small_problem(), {}, p};
  agent.update(archetypes::symbolic_batch());
  agent.act(archetypes::Symbolic{});
}
