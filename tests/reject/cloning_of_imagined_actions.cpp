// reject: composition_error<tessera::in<Echo>, tessera::component<tessera::SquaredError>, tessera::wants<tessera::want::logged_transitions_alone>, tessera::but_got<tessera::ModelAugmented>, tessera::try_<tessera::Offline> ?>
#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

// A policy that is held to the actions of its own branches is held to nothing.
#if TESSERA_REJECT
struct Echo : recipes::Td3Bc::with<dynamics<GaussianEnsemble>, data<ModelAugmented>> {};
#else
struct Echo : recipes::Td3::with<dynamics<GaussianEnsemble>, data<ModelAugmented>> {};
#endif

void run() { archetypes::use<Echo>(); }
