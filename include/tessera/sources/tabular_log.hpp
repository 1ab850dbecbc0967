#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/env/tabular.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/random.hpp>
#include <tessera/tabular/maximum_likelihood.hpp>

namespace tessera::tabular {
/// Logged episodes over numbered states, one after another.
struct Log {
  std::vector<Step> steps;
  std::vector<std::int64_t> first;  ///< index of each episode's first step

  std::int64_t episodes() const { return static_cast<std::int64_t>(first.size()); }
  /// One past an episode's last step.
  std::int64_t end(std::int64_t episode) const;
  /// The initial states of the episodes.
  std::vector<std::int64_t> starts() const;
};

/// Logs `episodes` episodes of a policy, each of at most `horizon` steps.  Episode i is drawn from (seed, i), with a
/// stream of its own for the actions, so it does not depend on how many episodes there are.
Log log_episodes(const TabularTask& task, const Table& policy, std::int64_t episodes, int horizon, std::uint64_t seed);

/// The maximum-likelihood model of a log, and its counts.
Counted maximum_likelihood(const TabularTask& task, const Log& log);

/// A log as a data set, with the observations of its task.  Each state's observation is stored once.
Dataset to_dataset(const TabularTask& task, const Log& log, std::string name);
}  // namespace tessera::tabular

#ifndef TESSERA_COMPILED
#include <tessera/sources/tabular_log.impl.hpp>
#endif
