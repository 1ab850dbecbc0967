// reject: composition_error<tessera::in<NoValue>, tessera::component<tessera::ValueBackup>, tessera::wants<tessera::slot<tessera::value> ?>, tessera::which_is_empty, tessera::try_<tessera::Expectile, tessera::PolicyMean>
#include <tessera/actor/behavior_cloning.hpp>
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct NoValue : recipe<policy<GaussianPolicy>, critic<ValueBackup>, actor<BehaviorCloning>> {};
#else
struct NoValue : recipe<policy<GaussianPolicy>, critic<ValueBackup>, value<Expectile>, actor<BehaviorCloning>> {};
#endif

void run() { archetypes::use<NoValue>(); }
