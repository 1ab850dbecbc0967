// reject: composition_error<tessera::in<Steered>, tessera::component<tessera::LatentSoftBackup>, tessera::wants<tessera::want::behavior_that_reverses>, tessera::but_got<tessera::Generator<tessera::DdimPolicy> ?>, tessera::try_<tessera::Generator<tessera::FlowPolicy> ?>
#include <tessera/algorithms/dsrl.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

// A diffusion acts by its noise, but does not find that of a logged action; the noise-aliased critic asks for none.
#if TESSERA_REJECT
struct Steered : recipes::Dsrl::with<behavior<Generator<DdimPolicy>>> {};
#else
struct Steered : recipes::DsrlNoiseAliased::with<behavior<Generator<DdimPolicy>>> {};
#endif

void run() { archetypes::use<Steered>(); }
