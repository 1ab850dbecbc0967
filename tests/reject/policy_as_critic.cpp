// reject: composition_error<tessera::in<PolicyAsCritic>, tessera::slot<tessera::critic>, tessera::wants<tessera::want::a_critic_update>, tessera::but_got<tessera::GaussianPolicy>
#include <tessera/algorithms/awac.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct PolicyAsCritic : recipes::Awac::with<critic<GaussianPolicy>> {};
#else
struct PolicyAsCritic : recipes::Awac::with<critic<PolicyBackup>> {};
#endif

void run() { archetypes::use<PolicyAsCritic>(); }
