// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::Adversarial<tessera::Adversarial<tessera::GaussianEnsemble> ?> ?>, tessera::around_itself> ?
// lines: 80: Clang warns that the inner hyper-parameters cannot be reached
#include <tessera/algorithms/rambo.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Rambo::with<dynamics<Adversarial<Adversarial<GaussianEnsemble>>>> {};
#else
struct Mine : recipes::Rambo {};
#endif

void run() { archetypes::use<Mine>(); }
