#pragma once
#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/data/offline.hpp>
#include <tessera/dataset/bulk.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/findings.hpp>

/// Settings that suit a data set.  A recipe's defaults are those of its authors' benchmarks, whose observations are of
/// order 1 and whose episodes are many; on a log with other scales they train badly, and no loss shows it.
namespace tessera {
/// One setting that was chosen for a data set: data.standardize=true, and why.
struct SuitedSetting {
  std::string key, value, reason;
};

template <class Params>
struct Suited {
  Params params;
  std::vector<SuitedSetting> chosen;
  std::vector<Warning> advice;  ///< problems that remain: the user fixed a setting, or has to decide
};

struct SuitOptions {
  std::vector<std::string> given = {};  ///< fields that the user set, such as "standardize": they are not changed
  bool rewards = true;                  ///< whether the algorithm learns from rewards
  std::string prefix = "data.";         ///< of the keys
};

namespace detail {
/// "", or which observations are badly scaled for a network without standardization.
std::string scale_complaint(const std::vector<Bulk>& columns);
/// From this ratio of the largest standard deviation of a column to the smallest on, `spread_complaint` complains.
/// With equal weights, a column of 1/r of the largest std has 1/r^2 of its part in the variance of the first layer's
/// sums, and a step of Adam, which is as large for every weight, moves the output by 1/r as much.
constexpr double uneven = 20;
/// "", or how unequal the scales of the columns are.  Constant ones do not count.
std::string spread_complaint(const std::vector<Bulk>& columns);
/// "", or why (x - mean) / (std + 1e-3) is a bad scale.
std::string std_complaint(const Dataset& data, const std::vector<Bulk>& columns);

struct RewardMoments {
  double mean = 0, std = 0, rms = 0, size = 0;
};
RewardMoments reward_moments(const Dataset& data, double limit);
/// "", or why 1000 / (largest - smallest return) is not a useful scale for the rewards.
std::string range_complaint(const Dataset& data);

void suit_observations(const Dataset& data, OfflineParams& h, bool standardize_given, bool scale_given,
                       const std::string& prefix, std::vector<SuitedSetting>& chosen, std::vector<Warning>& advice);

void suit_rewards(const Dataset& data, OfflineParams& h, bool limit_given, const std::string& prefix,
                  std::vector<SuitedSetting>& chosen, std::vector<Warning>& advice);
}  // namespace detail

/// The settings of a recipe's data source that suit a data set: settings that train badly on it are replaced, except
/// for those that the user gave.
///   observations  standardized if they are far from mean 0 and std 1; with robust statistics if outliers or tiny or
///                 constant columns make std + 1e-3 a bad scale
///   rewards       divided by their root mean square if the range of returns is not informative, or if rewards are
///                 very large or very small; standardized if they are nearly all offset and a shift changes nothing;
///                 clipped if some are absurd
/// `params`: OfflineParams, parameters joined with them, or parameters that hold them as `units`.
template <class Params>
Suited<Params> suit(const Dataset& data, Params params, SuitOptions o = {}) {
  Suited<Params> out{std::move(params), {}, {}};
  if (data.size() == 0) return out;
  if constexpr (std::is_base_of_v<OfflineParams, Params>) {
    const auto given = [&](const char* field) {
      return std::find(o.given.begin(), o.given.end(), field) != o.given.end();
    };
    OfflineParams& h = out.params;
    detail::suit_observations(data, h, given("standardize"), given("scale"), o.prefix, out.chosen, out.advice);
    if (o.rewards && !given("reward") && !given("reward_shift"))
      detail::suit_rewards(data, h, given("reward_limit"), o.prefix, out.chosen, out.advice);
  } else {
    o.prefix += "units.";
    auto units = suit(data, out.params.units, std::move(o));
    out.params.units = units.params, out.chosen = std::move(units.chosen), out.advice = std::move(units.advice);
  }
  return out;
}

/// Removes outliers from action limits that were only taken from the data: one glitch would squeeze all other actions
/// into a corner of the box.  The outliers are clipped to the new limits.  Returns what was chosen, per dimension.
std::vector<SuitedSetting> suit_action_limits(Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/suit.impl.hpp>
#endif
