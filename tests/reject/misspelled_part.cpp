// reject: misspelled_part.cpp:.* error: .*Expectle
// errors: 3, GCC's own
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Iql::with<value<Expectle>> {};
#else
struct Mine : recipes::Iql::with<value<Expectile>> {};
#endif

void run() {
  params_of<Mine> p;
  p.critic.net.hidden = {64, 64};
  learner<Mine, archetypes::SymbolicBackend> agent{archetypes::small_problem(), {}, p};
  agent.update(archetypes::symbolic_batch());
}
