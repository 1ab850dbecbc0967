// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::Lagrange<tessera::PolicyBackup> ?>, tessera::wants<tessera::want::a_weighted_penalty>, tessera::but_got<tessera::PolicyBackup>, tessera::try_<tessera::ReverseKl> ?>
#include <tessera/algorithms/awac.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/critic/conservative.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Awac::with<critic<Lagrange<PolicyBackup>>> {};
#else
struct Mine : recipes::Awac::with<critic<Lagrange<Conservative<PolicyBackup, CurrentPolicy>>>> {};
#endif

void run() { archetypes::use<Mine>(); }
