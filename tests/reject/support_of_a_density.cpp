// reject: composition_error<tessera::in<UnsupportedBcq>, tessera::component<tessera::SupportedDoubleQBackup>, tessera::wants<tessera::want::behavior_with_support>, tessera::but_got<tessera::Density<tessera::CategoricalPolicy> ?>, tessera::try_<tessera::CategoricalSupport>
#include <tessera/algorithms/discrete_bcq.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct UnsupportedBcq : recipes::DiscreteBcq::with<behavior<Density<CategoricalPolicy>>> {};
#else
struct UnsupportedBcq : recipes::DiscreteBcq::with<tessera::select<tessera::SupportedGreedy>> {};
#endif

void run() { archetypes::use<UnsupportedBcq>(); }
