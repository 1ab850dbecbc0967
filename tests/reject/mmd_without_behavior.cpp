// reject: composition_error<tessera::in<BearAlone>, tessera::component<tessera::Mmd<[^>]*> ?>, tessera::wants<tessera::slot<tessera::behavior> ?>, tessera::which_is_empty, tessera::try_<tessera::Vae, tessera::Density<tessera::TanhGaussianPolicy> ?>
#include <tessera/algorithms/bear.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct BearAlone : recipe<policy<TanhGaussianPolicy>, critic<BestOfPolicyBackup>, actor<FixedTemperatureMaximizeQ>,
                          constraint<Mmd<LaplacianKernel>>> {};
#else
struct BearAlone : recipes::Bear {};
#endif

void run() { archetypes::use<BearAlone>(); }
