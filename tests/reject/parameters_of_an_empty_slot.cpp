// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::ValueBackup>, tessera::wants<tessera::slot<tessera::value> ?>, tessera::which_is_empty
#include <tessera/actor/behavior_cloning.hpp>
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipe<policy<GaussianPolicy>, critic<ValueBackup>, actor<BehaviorCloning>> {};
#else
struct Mine : recipe<policy<GaussianPolicy>, critic<ValueBackup>, value<Expectile>, actor<BehaviorCloning>> {};
#endif

void run() {
  params_of<Mine> p;
  p.value.net.hidden = {64, 64};
  p.critic.members = 3;
  learner<Mine, archetypes::SymbolicBackend> agent{archetypes::small_problem(), {}, p};
  agent.update(archetypes::symbolic_batch());
}
