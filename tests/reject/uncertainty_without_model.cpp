// reject: composition_error<tessera::in<Doubtful>, tessera::component<tessera::SoftPenalty<tessera::MaxStd> ?>, tessera::wants<tessera::slot<(tessera::)?dynamics> ?>, tessera::which_is_empty, tessera::try_<tessera::GaussianEnsemble> ?>
#include <tessera/algorithms/mopo.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Doubtful : recipes::Sac::with<uncertainty<SoftPenalty<MaxStd>>> {};
#else
struct Doubtful
    : recipes::Sac::with<uncertainty<SoftPenalty<MaxStd>>, dynamics<GaussianEnsemble>, data<ModelAugmented>> {};
#endif

void run() { archetypes::use<Doubtful>(); }
