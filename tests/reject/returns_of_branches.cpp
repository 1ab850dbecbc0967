// reject: composition_error<tessera::in<Cut>, tessera::component<tessera::ReturnRegression>, tessera::wants<tessera::want::transitions_with_returns>, tessera::but_got<tessera::ModelAugmented>, tessera::try_<tessera::Offline, tessera::ModelRollouts> ?>
#include <tessera/algorithms/awr.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/data/model_rollouts.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Cut : recipes::Awr::with<dynamics<GaussianEnsemble>, data<ModelAugmented>> {};
#else
struct Cut : recipes::Awr::with<dynamics<GaussianEnsemble>, data<ModelRollouts>> {};
#endif

void run() { archetypes::use<Cut>(); }
