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
/// How bad a finding is: an `error` teaches something wrong, a `warning` may, a `note` is only worth knowing.
enum class severity { note, warning, error };
const char* severity_name(severity level);

/// Something odd in a data set.
struct Finding {
  std::string name{};  ///< in kebab case, e.g. "doubled-terminal"
  severity level = severity::warning;
  std::string what{};                    ///< one line: what, how many, and the first row
  std::string key{};                     ///< the column it is about: "observations [3]", "terminals"
  std::int64_t count = 0;                ///< how many rows are affected; 0: it is not about single rows
  std::vector<std::int64_t> rows{};      ///< the first of them, counted from 0 in the order in which they were read
  std::vector<std::int64_t> episodes{};  ///< the first affected episodes, if it is about whole ones
  std::string why{};                     ///< how it hurts training
  std::string advice{};                  ///< what to do
  std::string repair{};                  ///< the repair that corrects it exactly (see doctor/repairs.hpp), or ""

  /// As one line of text.
  Warning warning() const { return {name, what + (advice.empty() ? "" : "; " + advice)}; }
};

/// The row of a transition: how many steps there are before it, counting those that gave no transition.
std::int64_t row_of(const Dataset& data, std::int64_t transition);

/// Counts transitions that a finding is about, and keeps the first.
class FoundRows {
 public:
  void add(std::int64_t transition) {
    if (std::int64_t(first_.size()) < most) first_.push_back(transition);
    ++count_;
  }
  std::int64_t count() const { return count_; }
  std::int64_t first() const { return first_.front(); }
  std::vector<std::int64_t> rows(const Dataset& data) const;
  /// "3 rows, first row 17"
  std::string text(const Dataset& data) const;
  static constexpr std::int64_t most = 20;

 private:
  std::vector<std::int64_t> first_;
  std::int64_t count_ = 0;
};

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
std::string columns_text(const std::vector<std::int64_t>& columns, const std::vector<std::string>& names = {});
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
void find_in_observations(const Dataset& data, std::vector<Finding>& found);
void find_in_continuous_actions(const Dataset& data, std::vector<Finding>& found);
void find_in_discrete_actions(const Dataset& data, std::vector<Finding>& found);
void find_in_rewards(const Dataset& data, std::vector<Finding>& found);
void find_in_episodes(const Dataset& data, std::vector<Finding>& found);
}  // namespace detail

/// The findings that a few passes over the data give, one line each: what, where, how many, and the setting or
/// correction that helps.  Empty for a data set without problems.  `doctor` (doctor/doctor.hpp) finds much more.
std::vector<Warning> findings(const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/findings.impl.hpp>
#endif
