#pragma once
#include <tessera/concepts/noise_critic.hpp>
#include <tessera/schedule/schedule.hpp>

namespace tessera {
/// As CriticFirst, and at the end the critic of noise is fitted to the critic of actions: the actor of the next update
/// sees it.
struct NoiseCriticLast : Order<stage::dynamics, stage::behavior, stage::critic, stage::value, stage::actor,
                               stage::constraint, stage::duals, stage::targets, stage::noise_critic> {
  static constexpr const char* source = "Wagenmaker et al. 2025, authors' code";
};
static_assert(UpdateSchedule<NoiseCriticLast>);
}  // namespace tessera
