// reject: composition_error<tessera::in<Idle>, tessera::component<tessera::GaussianEnsemble>, tessera::wants<tessera::want::data_with_imagined_transitions>, tessera::but_got<tessera::Offline>, tessera::try_<tessera::ModelAugmented> ?>
#include <tessera/algorithms/cql.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Idle : recipes::Cql::with<dynamics<GaussianEnsemble>> {};
#else
struct Idle : recipes::Cql::with<dynamics<GaussianEnsemble>, data<ModelAugmented>> {};
#endif

void run() { archetypes::use<Idle>(); }
