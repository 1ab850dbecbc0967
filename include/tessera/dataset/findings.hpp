#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/bulk.hpp>
#include <tessera/dataset/dataset.hpp>

/// What looks wrong in a data set that was read without an error: problems that ruin a policy or make it meaningless,
/// and that no loss curve shows.
namespace tessera {
/// The values of a column that lie far outside its bulk.
struct Outliers {
  std::int64_t column = 0, count = 0, first = 0;  ///< first: index of the first one
  double worst = 0;                               ///< the one farthest from the mean
  double min = 0, max = 0;                        ///< of all other values
};

namespace detail {
std::string short_number(double x);
inline std::string range_text(double low, double high) { return short_number(low) + " .. " + short_number(high); }
// "[0], [3] and 5 more"
std::string columns_text(const std::vector<std::int64_t>& columns);
std::string count_text(std::int64_t count, const std::string& what, const std::string& first);
std::int64_t rows_in_file(const Dataset& data);
std::string row_of_transition(const Dataset& data, std::int64_t i);
}  // namespace detail

/// The outliers of columns whose bulk is known: values more than `reach` widths outside [low, high].
template <class Row>
std::vector<Outliers> outliers(std::int64_t count, const std::vector<Bulk>& columns, double reach, Row row) {
  const auto n = columns.size();
  std::vector<double> from(n), to(n);
  std::vector<Outliers> all(n);
  for (std::size_t j = 0; j < n; ++j) {
    from[j] = columns[j].low - reach * columns[j].width(), to[j] = columns[j].high + reach * columns[j].width();
    all[j].column = std::int64_t(j), all[j].min = columns[j].high, all[j].max = columns[j].low,
    all[j].worst = columns[j].mean;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const float* x = row(i);
    for (std::size_t j = 0; j < n; ++j) {
      if (x[j] >= from[j] && x[j] <= to[j]) {
        all[j].min = std::min(all[j].min, double(x[j])), all[j].max = std::max(all[j].max, double(x[j]));
        continue;
      }
      if (all[j].count++ == 0) all[j].first = i;
      if (std::abs(x[j] - columns[j].mean) > std::abs(all[j].worst - columns[j].mean)) all[j].worst = x[j];
    }
  }
  std::erase_if(all, [&](const Outliers& o) { return o.count == 0 || columns[std::size_t(o.column)].constant(); });
  return all;
}

/// Outliers of all stored observations; `first` is the index of a stored observation, which is a row of the file where
/// it is below their number.  The reach is twenty widths: 66 standard deviations of a normal distribution, and what one
/// in a million values of a log-normal one reaches.
std::vector<Outliers> outlying_observations(const Dataset& data);

/// Outliers of the transitions' actions, if at most one action in a thousand is one: actions are chosen, and bounded.
std::vector<Outliers> outlying_actions(const Dataset& data);

/// Outliers of the rewards; `first` is a transition.  A reward paid once, at the end of the task, is not an outlier, so
/// terminal transitions are left out unless all transitions are terminal.
std::vector<Outliers> outlying_rewards(const Dataset& data);

/// A reward limit that leaves everything but the outliers unchanged: the largest magnitude of the others, rounded up to
/// two digits.
double reward_limit_of(const Outliers& rewards);

/// Whether every episode is one step that ends the task, so that the value of an action is its reward.
bool is_bandit(const Dataset& data);

namespace detail {
void find_in_observations(const Dataset& data, std::vector<Warning>& found);

void find_in_continuous_actions(const Dataset& data, std::vector<Warning>& found);

void find_in_discrete_actions(const Dataset& data, std::vector<Warning>& found);

void find_in_rewards(const Dataset& data, std::vector<Warning>& found);

void find_in_episodes(const Dataset& data, std::vector<Warning>& found);
}  // namespace detail

/// All findings, one line each: what, where, how many, and the setting or correction that helps.  Empty for a data set
/// without problems.  Takes a few passes over the data.
std::vector<Warning> findings(const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/findings.impl.hpp>
#endif
