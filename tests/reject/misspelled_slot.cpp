// reject: misspelled_slot.cpp:.* error: .*valeu
// errors: 4, GCC's own
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Iql::with<valeu<Expectile>> {};
#else
struct Mine : recipes::Iql::with<value<Expectile>> {};
#endif

void run() {
  learner<Mine, archetypes::SymbolicBackend>::params p;
  p.critic.net.hidden = {64, 64};
  p.policy.adam.learning_rate = 1e-3;
  learner<Mine, archetypes::SymbolicBackend> agent{archetypes::small_problem(), {}, p};
  agent.update(archetypes::symbolic_batch());
}
