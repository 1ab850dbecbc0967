#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/io/mdp_npz.hpp>
#include <tessera/sources/icu_sepsis.hpp>
#include <tessera/sources/query.hpp>
#include <tessera/sources/tabular_log.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/tabular/value_iteration.hpp>

namespace tessera {
TESSERA_INLINE IcuSepsis::IcuSepsis(const NpzFile& file) : mdp_(read(file)) {
  const auto& path = file.path();
  const auto states = mdp_.states(), actions = mdp_.actions();
  const auto expert = file.read("expert_policy", {states, actions});
  clinicians_ = Eigen::Map<const tabular::Table>(expert.values.data(), states, actions);
  const auto centers = file.read("state_cluster_centers");
  if (centers.shape.size() != 2 || centers.shape[0] != states || centers.shape[1] < 1)
    throw Error(path + ", array state_cluster_centers: has shape " + shape_text(centers.shape) + ", not (" +
                std::to_string(states) + ", features)");
  features_.assign(centers.values.begin(), centers.values.end());
  try {
    tabular::require_policy(mdp_, clinicians_);
  } catch (const Error& error) {
    throw Error(path + ", array expert_policy: " + error.what());
  }
}

TESSERA_INLINE std::vector<std::string> IcuSepsis::arrays() {
  const tabular::NpzKeys keys;
  return {keys.transitions, keys.rewards, keys.start, "expert_policy", "state_cluster_centers"};
}

TESSERA_INLINE std::int64_t IcuSepsis::observation_size(const std::string& observations) const {
  return observations == "features" ? static_cast<std::int64_t>(features_.size()) / mdp_.states() : mdp_.states();
}
TESSERA_INLINE TabularTask IcuSepsis::task(const std::string& observations) const {
  if (observations == "features") return TabularTask("icu-sepsis", mdp_, features_, default_horizon);
  return TabularTask::one_hot("icu-sepsis", mdp_, default_horizon);
}

TESSERA_INLINE tabular::Table IcuSepsis::policy(const std::string& name) const {
  if (name == "random") return tabular::uniform_policy(mdp_);
  if (name == "optimal") return tabular::greedy_policy(tabular::optimal_values(mdp_).q);
  return clinicians_;
}

TESSERA_INLINE tabular::FiniteMdp IcuSepsis::read(const NpzFile& file) {
  const auto& path = file.path();
  auto arrays = tabular::read_mdp_arrays(file, 1);
  const auto states = arrays.states;
  if (states < 4)
    throw Error(path + ": has " + std::to_string(states) +
                " states; those of ICU-Sepsis are patients', death, survival and the end");
  arrays.terminal = std::vector{states - 3, states - 2, states - 1};
  try {
    return tabular::make_mdp(arrays);
  } catch (const Error& error) {
    throw Error(path + ": " + error.what());
  }
}

TESSERA_INLINE Dataset icu_sepsis_dataset(const std::string& request, const ReadLimits& limits) {
  const auto name = "icu-sepsis:" + request;
  const Query query(name, request, {"policy", "episodes", "seed", "observations"});
  const auto policy = query.one_of("policy", IcuSepsis::policy_names(), "expert");
  const auto observations = query.one_of("observations", IcuSepsis::observation_names(), "one-hot");
  const auto episodes = query.number("episodes", 20'000, 1, 10'000'000);
  const auto seed = query.number("seed", 0, 0, UINT64_MAX);
  const IcuSepsis icu(query.source(), limits);
  const auto task = icu.task(observations);
  const auto table = icu.policy(policy);
  const auto log_of = [&](std::uint64_t count) {
    return tabular::log_episodes(task, table, static_cast<std::int64_t>(count), IcuSepsis::default_horizon, seed);
  };
  // The size of many episodes is extrapolated from a few: an episode depends on its index alone.
  constexpr std::uint64_t some = 1000;
  if (episodes > some) {
    const double steps = static_cast<double>(log_of(some).steps.size()) / some;
    constexpr double step_bytes = 2 * sizeof(tabular::Step) + 3 * sizeof(std::int64_t) + sizeof(float) + 2,
                     episode_bytes = 160;
    const MemoryBudget budget({.bytes = limits.for_request(), .meanwhile = limits.meanwhile}, 0);
    budget.require(printable(name), static_cast<double>(episodes) * (steps * step_bytes + episode_bytes));
    budget.meanwhile();
  }
  const auto log = log_of(episodes);
  return tabular::to_dataset(task, log, name);
}
}  // namespace tessera
