#pragma once
#include <tessera/schedule/schedule.hpp>

namespace tessera {
namespace stage {
struct noise_critic {
  static constexpr const char* name = "noise_critic";
};  ///< a critic of noise follows the critic of actions
}  // namespace stage

/// As CriticFirst, and at the end the critic of noise is fitted to the critic of actions: the actor of the next update
/// sees it.
struct NoiseCriticLast : Order<stage::dynamics, stage::behavior, stage::critic, stage::value, stage::actor,
                               stage::constraint, stage::duals, stage::targets, stage::noise_critic> {
  static constexpr const char* source = "Wagenmaker et al. 2025, authors' code";
};
static_assert(UpdateSchedule<NoiseCriticLast>);
}  // namespace tessera
