// reject: composition_error<tessera::in<PenalisedIql>, tessera::component<tessera::ValuePenalised<tessera::ValueBackup> ?>, tessera::wants<tessera::want::backup_of_policy_actions>, tessera::but_got<tessera::ValuePenalised<tessera::ValueBackup> ?>
#include <tessera/algorithms/iql.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/critic/value_penalized.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct PenalisedIql : recipes::Iql::with<critic<ValuePenalised<ValueBackup>>, constraint<ForwardKl>> {};
#else
struct PenalisedIql : recipes::Iql::with<constraint<ForwardKl>> {};
#endif

void run() { archetypes::use<PenalisedIql>(); }
