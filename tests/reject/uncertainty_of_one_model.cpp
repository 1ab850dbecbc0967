// reject: composition_error<tessera::in<Sure>, tessera::component<tessera::HaltAbove<tessera::Disagreement> ?>, tessera::wants<tessera::want::ensemble_of_dynamics>, tessera::but_got<tessera::TrueDynamics<tessera::Pendulum> ?>, tessera::try_<tessera::GaussianEnsemble> ?>
#include <tessera/algorithms/morel.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/pendulum.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Sure : recipes::Morel::with<dynamics<TrueDynamics<Pendulum>>> {};
#else
struct Sure : recipes::Sac::with<dynamics<TrueDynamics<Pendulum>>, data<ModelAugmented>> {};
#endif

void run() { archetypes::use<Sure>(); }
