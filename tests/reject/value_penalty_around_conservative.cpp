// reject: composition_error<tessera::in<ForgottenGap>, tessera::component<tessera::ValuePenalised<tessera::Conservative<tessera::PolicyBackup[^>]*> ?> ?>, tessera::wants<tessera::want::unpressed_backup_in<tessera::ValuePenalised, tessera::Conservative<tessera::PolicyBackup[^>]*> ?> ?>, .*tessera::try_<tessera::Conservative<tessera::ValuePenalised<tessera::PolicyBackup>
#include <tessera/algorithms/brac.hpp>
#include <tessera/critic/conservative.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct ForgottenGap : recipes::BracV::with<critic<ValuePenalised<Conservative<PolicyBackup>>>> {};
#else
struct ForgottenGap : recipes::BracV::with<critic<Conservative<ValuePenalised<PolicyBackup>>>> {};
#endif

void run() { archetypes::use<ForgottenGap>(); }
