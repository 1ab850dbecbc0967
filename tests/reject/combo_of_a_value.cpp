// reject: composition_error<tessera::in<ComboV>, tessera::slot<tessera::critic> ?, tessera::wants<tessera::want::a_critic_update>, tessera::but_got<tessera::Conservative<tessera::Expectile[^>]*> ?>
#include <tessera/algorithms/combo.hpp>
#include <tessera/critic/smoothed_policy_backup.hpp>
#include <tessera/value/expectile.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct ComboV : recipes::Combo::with<critic<Conservative<Expectile>>> {};
#else
struct ComboV : recipes::Combo::with<critic<Conservative<SmoothedPolicyBackup, LogSumExp, PushUp, ImaginedStates>>> {};
#endif

void run() { archetypes::use<ComboV>(); }
