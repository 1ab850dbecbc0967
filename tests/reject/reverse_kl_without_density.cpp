// reject: composition_error<tessera::in<KlToSamples>, tessera::component<tessera::ReverseKl>, tessera::wants<tessera::want::behavior_with_density>, tessera::but_got<tessera::Vae>, tessera::try_<tessera::Density<tessera::TanhGaussianPolicy> ?>
#include <tessera/algorithms/brac.hpp>
#include <tessera/behavior/vae.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct KlToSamples : recipes::BracP::with<behavior<Vae>> {};
#else
struct KlToSamples : recipes::BracP {};
#endif

void run() { archetypes::use<KlToSamples>(); }
