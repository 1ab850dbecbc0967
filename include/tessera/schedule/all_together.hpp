#pragma once
#include <type_traits>

#include <tessera/schedule/schedule.hpp>

namespace tessera {
/// Everything is computed with the networks as they were before the update: the losses of behavior, value, actor and
/// critic, and also the critics that the targets follow, which are therefore one update behind.
struct AllTogether : Order<stage::dynamics, stage::behavior, stage::value, stage::critic, stage::actor,
                           stage::constraint, stage::duals, stage::targets> {
  static constexpr const char* formula =
      "dynamics, (behavior, value, critic, actor, constraint, duals, targets) at once, each from the networks of "
      "before";
  static constexpr const char* source = "Park, Li, Levine 2025, authors' code";

  template <class S>
  static constexpr phase when(S at, const params& h) {
    auto it = Order::when(at, h);
    it.together = !std::is_same_v<S, stage::dynamics>;
    return it;
  }
};
static_assert(UpdateSchedule<AllTogether>);
}  // namespace tessera
