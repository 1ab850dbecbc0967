// reject: composition_error<tessera::in<ColdSac>, tessera::component<tessera::SoftBackup>, tessera::wants<tessera::want::actor_with_temperature>, tessera::but_got<tessera::MaximiseQ>, tessera::try_<tessera::SoftMaximiseQ>
#include <tessera/actor/maximize_q.hpp>
#include <tessera/algorithms/sac.hpp>
#include <tessera/critic/policy_backup.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct ColdSac : recipes::Sac::with<actor<MaximiseQ>> {};
#else
struct ColdSac : recipes::Sac::with<actor<MaximiseQ>, critic<PolicyBackup>> {};
#endif

void run() { archetypes::use<ColdSac>(); }
