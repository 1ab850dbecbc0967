#pragma once
#include <cstdint>

#include <tessera/data/offline.hpp>

namespace tessera {
/// Batches of logged transitions, uniform with replacement, each with what a fixed policy does there,
/// column::fixed_policy, which whoever makes the replay fills in: the policy does not change while its value is
/// learned.
struct FixedPolicyTransitions : Offline {
  static constexpr const char* formula = "(s, a, r, s', m, pi(.|s')) ~ U(D)";
  static constexpr const char* source = "Le, Voloshin, Yue 2019, algorithm 3";
  using brings = columns<column::fixed_policy>;
};
static_assert(DataSource<FixedPolicyTransitions>);
}  // namespace tessera
