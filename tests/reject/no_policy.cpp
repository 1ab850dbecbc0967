// reject: composition_error<tessera::in<NoPolicy>, tessera::component<tessera::BehaviorCloning>, tessera::wants<tessera::slot<tessera::policy> ?>, tessera::which_is_empty, tessera::try_<tessera::GaussianPolicy, tessera::TanhGaussianPolicy, tessera::CategoricalPolicy>
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct NoPolicy : recipe<actor<BehaviorCloning>> {};
#else
struct NoPolicy : recipe<policy<GaussianPolicy>, actor<BehaviorCloning>> {};
#endif

void run() { archetypes::use<NoPolicy>(); }
