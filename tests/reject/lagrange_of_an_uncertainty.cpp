// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::Lagrange<tessera::SoftPenalty<tessera::MaxStd> ?> ?>, tessera::wants<tessera::want::a_weighted_penalty>, tessera::but_got<tessera::SoftPenalty<tessera::MaxStd> ?>, tessera::try_<tessera::ReverseKl> ?>
#include <tessera/algorithms/mopo.hpp>
#include <tessera/constraint/lagrange.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Mopo::with<uncertainty<Lagrange<SoftPenalty<MaxStd>>>> {};
#else
struct Mine : recipes::Mopo {};
#endif

void run() { archetypes::use<Mine>(); }
