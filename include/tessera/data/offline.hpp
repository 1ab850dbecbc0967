#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include <tessera/concepts/data.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
enum class reward_transform { none, return_range, standardize, rms };
constexpr std::array<const char*, 4> enumerators(reward_transform) {
  return {"none", "return_range", "standardize", "rms"};
}
enum class observation_scale { std, robust };
constexpr std::array<const char*, 2> enumerators(observation_scale) { return {"std", "robust"}; }

/// The units in which a learner sees its data.
struct OfflineParams {
  bool standardize = true;
  reward_transform reward = reward_transform::none;
  double reward_shift = 0.0;
  observation_scale scale = observation_scale::std;
  double reward_limit = 0.0;

  static constexpr doc docs[] = {
      {"standardize", "whether observations are shifted and scaled to mean 0, std 1 (TD3+BC); saved with the policy"},
      {"reward",
       "none; return_range: times 1000 / (largest - smallest episode return) (IQL, locomotion); "
       "standardize: mean 0, std 1 (EDAC, Adroit); rms: divided by its root mean square"},
      {"reward_shift", "added to the (scaled) reward (mazes: -1)"},
      {"scale",
       "scale of standardized observations: std: std + 1e-3 (TD3+BC); robust: mean and std without outliers, a "
       "constant "
       "column not amplified, everything clipped to [-10, 10]"},
      {"reward_limit", "logged rewards are clipped to [-limit, limit], in their own units; 0: not at all", 0},
  };
};

/// Batches are drawn uniformly, with replacement, from all transitions of the data set.
struct Offline {
  using role = role::data_source;
  using params = OfflineParams;
  using needs = all_of<>;
  static constexpr const char* formula = "(s, a, r, s', m) ~ U(D)";
  static constexpr const char* source = "standard";

  // Generic in its types, so that composing algorithms needs none of the data layer.
  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    out.transitions.resize(std::size_t(data.size()));
    for (std::size_t i = 0; i < out.transitions.size(); ++i) out.transitions[i] = std::int64_t(i);
    out.fit_units(data, h);
  }

  /// The batch of an update: uniform with replacement, a function of (seed, update) alone.
  template <class Replay, class State>
  static typename Replay::batch_type batch(const params&, const Replay& replay, std::uint64_t seed, std::int64_t update,
                                           std::int64_t count, const State&) {
    return replay.sample(seed, update, count);
  }
};
static_assert(DataSource<Offline>);
}  // namespace tessera
