// reject: composition_error<tessera::in<ColdSac>, tessera::component<tessera::SoftBackup>, tessera::wants<tessera::want::actor_with_temperature>, tessera::but_got<tessera::MaximizeQ>, tessera::try_<tessera::SoftMaximizeQ>
#include <tessera/actor/maximize_q.hpp>
#include <tessera/algorithms/sac.hpp>
#include <tessera/critic/policy_backup.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct ColdSac : recipes::Sac::with<actor<MaximizeQ>> {};
#else
struct ColdSac : recipes::Sac::with<actor<MaximizeQ>, critic<PolicyBackup>> {};
#endif

void run() { archetypes::use<ColdSac>(); }
