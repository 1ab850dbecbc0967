// reject: composition_error<tessera::in<SamePolicyTwice>, tessera::slot<tessera::policy>, tessera::wants<tessera::slot<tessera::policy> ?>, tessera::which_is_filled_twice
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct SamePolicyTwice : recipe<policy<GaussianPolicy>, policy<GaussianPolicy>, actor<BehaviorCloning>> {};
#else
struct SamePolicyTwice : recipe<policy<GaussianPolicy>, actor<BehaviorCloning>> {};
#endif

void run() { archetypes::use<SamePolicyTwice>(); }
