// reject: composition_error<tessera::in<MixedBrac>, tessera::component<tessera::ReverseKl>, tessera::wants<tessera::want::same_action_space>, tessera::but_got<tessera::TanhGaussianPolicy, tessera::Density<tessera::CategoricalPolicy> ?>
#include <tessera/algorithms/brac.hpp>
#include <tessera/policy/categorical.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MixedBrac : recipes::BracP::with<behavior<Density<CategoricalPolicy>>> {};
#else
struct MixedBrac : recipes::BracP {};
#endif

void run() { archetypes::use<MixedBrac>(); }
