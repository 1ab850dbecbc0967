// reject: composition_error<tessera::in<PenalizedIql>, tessera::component<tessera::ValuePenalized<tessera::ValueBackup> ?>, tessera::wants<tessera::want::backup_of_policy_actions>, tessera::but_got<tessera::ValuePenalized<tessera::ValueBackup> ?>
#include <tessera/algorithms/iql.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/critic/value_penalized.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct PenalizedIql : recipes::Iql::with<critic<ValuePenalized<ValueBackup>>, constraint<ForwardKl>> {};
#else
struct PenalizedIql : recipes::Iql::with<constraint<ForwardKl>> {};
#endif

void run() { archetypes::use<PenalizedIql>(); }
