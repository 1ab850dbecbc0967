// reject: (no member named .critic.)
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

void run() {
  params_of<recipes::Bc> p;
#if TESSERA_REJECT
  p.critic.discount = 0.9;
#else
  p.policy.log_std_min = -3;
#endif
  learner<recipes::Bc, archetypes::SymbolicBackend> agent{archetypes::small_problem(), {}, p};
  agent.update(archetypes::symbolic_batch());
  agent.act(archetypes::Symbolic{});
}
