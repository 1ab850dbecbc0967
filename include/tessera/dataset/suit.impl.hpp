#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/row_reader.hpp>
#include <tessera/dataset/suit.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::detail {
TESSERA_INLINE std::string scale_complaint(const std::vector<Bulk>& columns) {
  std::vector<std::int64_t> bad;
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const double center = std::abs(columns[j].mean), spread = columns[j].std;
    const bool large = std::hypot(center, spread) > 10, small = spread < 0.01;
    const bool offset = center > 1 && center > 100 * spread;
    if (large || (!columns[j].constant() && (small || offset))) bad.push_back(std::int64_t(j));
  }
  if (bad.empty()) return "";
  const auto& b = columns[std::size_t(bad[0])];
  return "observation" + std::string(bad.size() == 1 ? " " : "s ") + columns_text(bad) +
         (bad.size() == 1 ? " is" : " are") + " far from mean 0 and std 1 (mean " + short_number(b.mean) + ", std " +
         short_number(b.std) + (bad.size() == 1 ? ")" : " of the first)");
}

TESSERA_INLINE std::string spread_complaint(const std::vector<Bulk>& columns) {
  const Bulk *least = nullptr, *greatest = nullptr;
  for (const auto& c : columns) {
    if (c.constant()) continue;
    if (least == nullptr || c.std < least->std) least = &c;
    if (greatest == nullptr || c.std > greatest->std) greatest = &c;
  }
  if (least == nullptr || greatest->std < uneven * least->std) return "";
  const auto of = [&](const Bulk* c) {
    return short_number(c->std) + " in " + columns_text({std::int64_t(c - columns.data())});
  };
  return "observations differ in scale, from std " + of(least) + " to " + of(greatest);
}

TESSERA_INLINE std::string std_complaint(const Dataset& data, const std::vector<Bulk>& columns) {
  if (const auto far = outlying_observations(data); !far.empty()) {
    std::vector<std::int64_t> which;
    for (const auto& o : far) which.push_back(o.column);
    return "outliers in observation" + std::string(which.size() == 1 ? " " : "s ") + columns_text(which) +
           " would squeeze all other values together";
  }
  std::vector<std::int64_t> constant, small;
  for (std::size_t j = 0; j < columns.size(); ++j)
    if (columns[j].constant()) constant.push_back(std::int64_t(j));
    else if (columns[j].std < 0.01) small.push_back(std::int64_t(j));
  if (!small.empty())
    return "std + 1e-3 squeezes " + columns_text(small) + " together, of std " +
           short_number(columns[std::size_t(small[0])].std);
  if (!constant.empty())
    return "std + 1e-3 multiplies by 1000 any later change in " + columns_text(constant) + ", which never vary here";
  return "";
}

TESSERA_INLINE RewardMoments reward_moments(const Dataset& data, double limit) {
  RewardMoments m;
  RowReader rows(data);
  const auto each = [&](auto f) {
    for (std::int64_t i = 0; i < data.size(); ++i) {
      const double r = *rows.reward(i);
      f(limit > 0 ? std::clamp(r, -limit, limit) : r);
    }
  };
  const double n = double(data.size());
  double square = 0, off = 0;
  each([&](double r) { m.mean += r / n, square += r * r / n, m.size = std::max(m.size, std::abs(r)); });
  each([&](double r) { off += (r - m.mean) * (r - m.mean) / n; });
  m.rms = std::sqrt(square), m.std = std::sqrt(off);
  if (m.std <= 0x1p-22 * std::abs(m.mean)) m.std = 0;
  return m;
}

TESSERA_INLINE std::string range_complaint(const Dataset& data) {
  const auto episodes = data.episodes.size();
  if (is_bandit(data)) return "every episode is one step, so the range of returns is that of single rewards";
  if (episodes < 2)
    return data.episodes[0].complete ? "the log is one episode" : "no end of an episode is marked, so the log is one";
  if (episodes < 5) return std::to_string(episodes) + " episodes are too few for a range of returns";
  const auto by_return = [](const Episode& a, const Episode& b) { return a.episode_return < b.episode_return; };
  const auto [low, high] = std::minmax_element(data.episodes.begin(), data.episodes.end(), by_return);
  const double min = low->episode_return, max = high->episode_return;
  if (!(max > min)) return "every episode has the return " + short_number(min);
  if (max - min < 0.05 * std::max(std::abs(min), std::abs(max)))
    return "returns differ by less than 5 % (" + range_text(min, max) + ")";
  return "";
}

TESSERA_INLINE void suit_observations(const Dataset& data, OfflineParams& h, bool standardize_given, bool scale_given,
                                      const std::string& prefix, std::vector<SuitedSetting>& chosen,
                                      std::vector<Warning>& advice) {
  if (h.standardize && (scale_given || h.scale == observation_scale::robust)) return;
  RowReader rows(data);
  const auto columns = bulks(data.size(), data.observation_size, [&](std::int64_t i) { return rows.observation(i); });
  auto why = std_complaint(data, columns);
  if (!h.standardize) {
    const bool outliers = why.starts_with("outliers");
    if (const auto scale = scale_complaint(columns); !scale.empty() || outliers) {
      if (!scale.empty()) why = scale;
    } else {
      const auto spread = standardize_given ? std::string() : spread_complaint(columns);
      if (!spread.empty())
        advice.push_back({"uneven-observations",
                          spread + ", and this recipe does not standardize them; try " + prefix + "standardize=true"});
      return;
    }
    if (standardize_given) {
      advice.push_back({"badly-scaled-observations", why + ", and " + prefix + "standardize=false was asked for"});
      return;
    }
    h.standardize = true;
    chosen.push_back({prefix + "standardize", "true", why});
  }
  if (why.empty() || scale_given) return;
  h.scale = observation_scale::robust;
  chosen.push_back({prefix + "scale", "robust", why});
}

TESSERA_INLINE void suit_rewards(const Dataset& data, OfflineParams& h, bool limit_given, const std::string& prefix,
                                 std::vector<SuitedSetting>& chosen, std::vector<Warning>& advice) {
  // Rewards that no task pays: a sparse reward is large, but not a million times the spread of all others.
  if (!limit_given && h.reward_limit == 0)
    for (const auto& o : outlying_rewards(data))
      if (std::abs(o.worst) > 1e6 * std::max({o.max - o.min, std::abs(o.min), std::abs(o.max)})) {
        const auto limit = short_number(reward_limit_of(o));
        h.reward_limit = std::stod(limit);
        chosen.push_back({prefix + "reward_limit", limit,
                          std::to_string(o.count) + " rewards reach " + short_number(o.worst) + ", all others " +
                              range_text(o.min, o.max)});
      }
  const auto m = reward_moments(data, h.reward_limit);
  RowReader rows(data);
  std::int64_t ends = 0;
  for (std::int64_t i = 0; i < data.size(); ++i) ends += rows.terminal(i);
  // Adding c to every reward adds c times its length to the return of an episode.  That is the same for all policies
  // only if no episode terminates (c / (1 - discount), forever) or each ends after one step.  A scale never changes
  // which policy is best.
  const bool may_shift = ends == 0 || is_bandit(data);
  const bool offset = m.std > 0 && std::abs(m.mean) > 3 * m.std,
             all_offset = m.std > 0 && std::abs(m.mean) > std::max(10.0, 30 * m.std);
  std::string why;
  if (h.reward == reward_transform::return_range) why = range_complaint(data);
  else if (h.reward == reward_transform::standardize && m.std == 0) why = "every reward is " + short_number(m.mean);
  else if (h.reward == reward_transform::none) {
    const auto spread = "rewards have mean " + short_number(m.mean) + " and std " + short_number(m.std);
    if (m.rms > 100) why = spread + ": large for a network's output";
    else if (m.size > 0 && m.size < 0.01) why = spread + ": too small to be told from 0";
    else if (may_shift && all_offset) why = spread + ": nearly all of it is offset";
  }
  // This is left to the user: without the offset, a longer episode has another value.
  if (!may_shift && all_offset)
    advice.push_back(
        {"offset-rewards", "rewards have mean " + short_number(m.mean) + " and std " + short_number(m.std) +
                               ": nearly all of it is offset, beside which actions hardly differ; "
                               "where the length of an episode does not depend on the actions, train with " +
                               prefix + "reward=standardize"});
  if (why.empty()) return;
  h.reward = m.size == 0           ? reward_transform::none
             : may_shift && offset ? reward_transform::standardize
                                   : reward_transform::rms;
  if (h.reward == reward_transform::standardize)
    why += ends == 0 ? "; no task ends here, so that a shift of all rewards changes nothing"
                     : "; of single steps, a shift changes nothing";
  chosen.push_back({prefix + "reward", enumerators(reward_transform{})[std::size_t(h.reward)], why});
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE std::vector<SuitedSetting> suit_action_limits(Dataset& data) {
  std::vector<SuitedSetting> chosen;
  if (data.limits_from != limits_origin::seen) return chosen;
  for (const auto& o : outlying_actions(data)) {
    data.action_low[std::size_t(o.column)] = float(o.min), data.action_high[std::size_t(o.column)] = float(o.max);
    chosen.push_back({"action limits [" + std::to_string(o.column) + "]", detail::range_text(o.min, o.max),
                      std::to_string(o.count) + (o.count == 1 ? " action lies" : " actions lie") +
                          " far outside, up to " + detail::short_number(o.worst) + ", and " +
                          (o.count == 1 ? "is" : "are") + " clipped"});
  }
  return chosen;
}
}  // namespace tessera
