// reject: composition_error<tessera::in<UnlistedBehavior>, tessera::component<tessera::ReverseKl>, tessera::wants<tessera::want::behavior_over_finite_actions>, tessera::but_got<tessera::CategoricalPolicy, archetypes::MinimalBehaviorDensity<tessera::Discrete> ?>
#include <tessera/algorithms/reward_kl.hpp>
#include <tessera/constraint/reverse_kl.hpp>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct UnlistedBehavior
    : recipes::DiscreteRewardKl::with<constraint<ReverseKl>, behavior<archetypes::MinimalBehaviorDensity<Discrete>>> {};
#else
struct UnlistedBehavior
    : recipes::DiscreteRewardKl::with<constraint<ReverseKl>, behavior<archetypes::MinimalEnumerableBehavior>> {};
#endif

void run() { archetypes::use<UnlistedBehavior>(); }
