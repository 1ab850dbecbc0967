// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::Adversarial<tessera::TrueDynamics<tessera::Pendulum> ?> ?>, tessera::wants<tessera::want::ensemble_that_learns_on>, tessera::but_got<tessera::TrueDynamics<tessera::Pendulum> ?>, tessera::try_<tessera::GaussianEnsemble> ?>
#include <tessera/algorithms/rambo.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/pendulum.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Rambo::with<dynamics<Adversarial<TrueDynamics<Pendulum>>>> {};
#else
struct Mine : recipes::Rambo {};
#endif

void run() { archetypes::use<Mine>(); }
