// reject: composition_error<tessera::in<ForgottenGap>, tessera::component<tessera::ValuePenalized<tessera::Conservative<tessera::PolicyBackup[^>]*> ?> ?>, tessera::wants<tessera::want::plain_backup_in<tessera::ValuePenalized, tessera::Conservative<tessera::PolicyBackup[^>]*> ?> ?>, .*tessera::try_<tessera::Conservative<tessera::ValuePenalized<tessera::PolicyBackup>
#include <tessera/algorithms/brac.hpp>
#include <tessera/critic/conservative.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct ForgottenGap : recipes::BracV::with<critic<ValuePenalized<Conservative<PolicyBackup>>>> {};
#else
struct ForgottenGap : recipes::BracV::with<critic<Conservative<ValuePenalized<PolicyBackup>>>> {};
#endif

void run() { archetypes::use<ForgottenGap>(); }
