// reject: composition_error<tessera::in<NoActor>, tessera::every_learner, tessera::wants<tessera::slot<tessera::actor> ?>, tessera::which_is_empty
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct NoActor : recipe<policy<GaussianPolicy>> {};
#else
struct NoActor : recipe<policy<GaussianPolicy>, actor<BehaviorCloning>> {};
#endif

void run() { archetypes::use<NoActor>(); }
