#pragma once
#include <tessera/concepts/policy.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// The policy of a value-based method over discrete actions: it has no network of its own, and acts by the critic.
/// Which action that is, the selection says (Greedy).
struct GreedyPolicy {
  using role = role::policy;
  using space = Discrete;
  struct params {};
  using needs = all_of<need<critic, want::critic_of_actions>>;
  static constexpr const char* formula = "acts by the critic";
  static constexpr const char* source = "Watkins 1989";
  static constexpr bool acts_by_critic = true;
};
static_assert(ActsByCritic<GreedyPolicy> && !TrainedPolicy<GreedyPolicy>);
}  // namespace tessera
