// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::Lagrange<tessera::Lagrange<tessera::ReverseKl> ?> ?>, tessera::around_itself> ?
// lines: 80: Clang warns that the inner hyper-parameters cannot be reached
#include <tessera/algorithms/brac.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::BracP::with<constraint<Lagrange<Lagrange<ReverseKl>>>> {};
#else
struct Mine : recipes::BracP::with<constraint<Lagrange<ReverseKl>>> {};
#endif

void run() { archetypes::use<Mine>(); }
