#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// Mean and population standard deviation (1/N) of each observation column.
struct moments {
  std::vector<double> mean, std;
};

/// The same of one quantity, with its range; all 0 if there are no values.
struct Spread {
  double mean = 0, std = 0, min = 0, max = 0;
};

/// What a person wants to know about a data set before training on it.  In the units of the file.
struct DatasetSummary {
  std::int64_t rows = 0, transitions = 0, episodes = 0, complete_episodes = 0;
  Spread episode_length;                    ///< rows of an episode
  Spread episode_return;                    ///< undiscounted
  std::vector<Spread> observations;         ///< per column, over the transitions' first observations
  std::vector<Spread> actions;              ///< per column, over transitions; empty if discrete
  std::vector<std::int64_t> action_counts;  ///< per action index; empty if continuous
  Spread reward;                            ///< over transitions
  Spread propensity;                        ///< likewise, where there are some
  double terminal_fraction = 0;             ///< of transitions
  double timeout_fraction = 0;              ///< of transitions
};

Spread spread(const std::vector<double>& values);

/// Moments of the observations s of the given transitions (not of their next observations), for
/// normalization.  The list may be a selection, and may repeat a transition.
moments observation_moments(const Dataset& data, const std::vector<std::int64_t>& transitions);

DatasetSummary summarize(const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/statistics.impl.hpp>
#endif
