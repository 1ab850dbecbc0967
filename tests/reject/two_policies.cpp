// reject: composition_error<tessera::in<TwoPolicies>, tessera::slot<tessera::policy>, tessera::wants<tessera::slot<tessera::policy> ?>, tessera::which_is_filled_twice
#include <tessera/algorithms/bc.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct TwoPolicies : recipe<policy<GaussianPolicy>, policy<TanhGaussianPolicy>, actor<BehaviorCloning>> {};
#else
struct TwoPolicies : recipe<policy<TanhGaussianPolicy>, actor<BehaviorCloning>> {};
#endif

void run() { archetypes::use<TwoPolicies>(); }
