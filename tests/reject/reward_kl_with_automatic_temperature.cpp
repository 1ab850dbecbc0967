// reject: composition_error<tessera::in<DriftingKl>, tessera::component<tessera::LogBehaviorReward<tessera::SoftBackup> ?>, tessera::wants<tessera::want::actor_with_fixed_temperature>, tessera::but_got<tessera::SoftMaximizeQ>, tessera::try_<tessera::FixedTemperatureMaximizeQ>
#include <tessera/actor/soft_maximize_q.hpp>
#include <tessera/algorithms/reward_kl.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct DriftingKl : recipes::RewardKl::with<actor<SoftMaximizeQ>> {};
#else
struct DriftingKl : recipes::RewardKl {};
#endif

void run() { archetypes::use<DriftingKl>(); }
