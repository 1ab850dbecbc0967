// reject: composition_error<tessera::in<NoSlot>, tessera::but_got<tessera::GaussianPolicy>, tessera::which_is_not_a_slot, tessera::see_TESSERA_SLOT>
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct NoSlot : recipe<GaussianPolicy, actor<BehaviorCloning>> {};
#else
struct NoSlot : recipe<policy<GaussianPolicy>, actor<BehaviorCloning>> {};
#endif

void run() { archetypes::use<NoSlot>(); }
