#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include <tessera/dataset/findings.hpp>
#include <tessera/dataset/flat_rows.hpp>
#include <tessera/dataset/row_reader.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::detail {
TESSERA_INLINE std::string short_number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", x);
  return text;
}

TESSERA_INLINE std::string columns_text(const std::vector<std::int64_t>& columns,
                                        const std::vector<std::string>& names) {
  constexpr std::size_t max = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(max, columns.size()); ++i)
    text += (i > 0 ? ", [" : "[") + std::to_string(columns[i]) + "]" +
            (names.empty() ? "" : " (" + printable_name(names[std::size_t(columns[i])]) + ")");
  return text + (columns.size() > max ? " and " + std::to_string(columns.size() - max) + " more" : "");
}

TESSERA_INLINE std::string count_text(std::int64_t count, const std::string& what, const std::string& first) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s") + ", first " + first;
}
TESSERA_INLINE std::int64_t rows_in_file(const Dataset& data) {
  return std::accumulate(data.episodes.begin(), data.episodes.end(), std::int64_t{0},
                         [](std::int64_t n, const Episode& e) { return n + e.rows; });
}

TESSERA_INLINE std::string row_of_transition(const Dataset& data, std::int64_t i) {
  return "row " + std::to_string(row_of(data, i));
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE const char* severity_name(severity level) {
  return level == severity::error ? "error" : level == severity::warning ? "warning" : "note";
}
TESSERA_INLINE std::int64_t row_of(const Dataset& data, std::int64_t transition) {
  std::int64_t row = 0;
  for (const auto& e : data.episodes) {
    if (transition < e.first + e.transitions) return row + transition - e.first;
    row += e.rows;
  }
  return data.episodes.empty() ? transition : row;
}
TESSERA_INLINE std::vector<std::int64_t> FoundRows::rows(const Dataset& data) const {
  std::vector<std::int64_t> out;
  for (const auto i : first_) out.push_back(row_of(data, i));
  return out;
}
TESSERA_INLINE std::string FoundRows::text(const Dataset& data) const {
  return count_ == 0 ? "no row" : rows_from(count_, row_of(data, first_.front()));
}
TESSERA_INLINE std::vector<Outliers> outlying_observations(const Dataset& data) {
  RowReader rows(data);
  const auto row = [&](std::int64_t i) { return rows.stored(i); };
  return outliers(rows.stored(), bulks(rows.stored(), data.observation_size, row), 20, row);
}

TESSERA_INLINE std::vector<Outliers> outlying_actions(const Dataset& data) {
  if (data.kind == action_kind::discrete) return {};
  RowReader rows(data);
  const auto row = [&](std::int64_t i) { return rows.action(i); };
  auto found = outliers(data.size(), bulks(data.size(), data.action_size, row), 3, row);
  std::erase_if(found, [&](const Outliers& o) { return 1000 * o.count > std::max<std::int64_t>(1000, data.size()); });
  return found;
}

TESSERA_INLINE std::vector<Outliers> outlying_rewards(const Dataset& data) {
  RowReader rows(data);
  std::vector<std::int64_t> which;
  which.reserve(std::size_t(data.size()));
  for (std::int64_t i = 0; i < data.size(); ++i)
    if (!rows.terminal(i)) which.push_back(i);
  if (which.empty())
    for (std::int64_t i = 0; i < data.size(); ++i) which.push_back(i);
  const auto row = [&](std::int64_t k) { return rows.reward(which[std::size_t(k)]); };
  const auto count = std::int64_t(which.size());
  auto found = outliers(count, bulks(count, 1, row), 1000, row);
  for (auto& o : found) o.first = which[std::size_t(o.first)];
  return found;
}

TESSERA_INLINE double reward_limit_of(const Outliers& rewards) {
  const double size = std::max(std::abs(rewards.min), std::abs(rewards.max));
  if (!(size > 0)) return 1;
  const double digit = std::pow(10, std::floor(std::log10(size)) - 1);
  return std::ceil(size / digit - 1e-9) * digit;
}

TESSERA_INLINE bool is_bandit(const Dataset& data) {
  if (data.size() == 0 || std::int64_t(data.episodes.size()) != data.size()) return false;
  RowReader rows(data);
  for (std::int64_t i = 0; i < data.size(); ++i)
    if (!rows.terminal(i)) return false;
  return true;
}
}  // namespace tessera

namespace tessera::detail {
TESSERA_INLINE void find_in_observations(const Dataset& data, std::vector<Finding>& found) {
  const auto n = data.observation_size, count = std::int64_t(data.observations.size()) / n,
             in_file = rows_in_file(data);
  const auto row = [&](std::int64_t i) { return data.observations.data() + i * n; };
  const auto columns = bulks(count, n, row);
  for (const auto& o : outliers(count, columns, 20, row)) {
    const bool next = o.first >= in_file;
    found.push_back(
        {.name = "outlier-observations",
         .what = "observation [" + std::to_string(o.column) + "]: " +
                 count_text(o.count, "value", next ? "in a next observation" : "row " + std::to_string(o.first)) +
                 ", up to " + short_number(o.worst) + ", where all others lie in " + range_text(o.min, o.max),
         .key = "observations [" + std::to_string(o.column) + "]",
         .count = o.count,
         .rows = next ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{o.first},
         .why = "a few huge inputs dominate the losses, and squeeze all others together when the "
                "observations are standardized",
         .advice = "correct or remove those rows, or train with data.standardize=true and "
                   "data.scale=robust"});
  }
  std::vector<std::int64_t> constant, coarse;
  for (std::int64_t j = 0; j < n; ++j) {
    const auto& b = columns[std::size_t(j)];
    if (!(b.max > b.min)) constant.push_back(j);
    else if (b.std <= 0x1p-19 * std::abs(b.mean)) coarse.push_back(j);
  }
  if (!constant.empty() && count > 1)
    found.push_back({.name = "constant-observations",
                     .what = columns_text(constant, data.spaces.observation_names) +
                             (constant.size() == 1 ? " is" : " are") +
                             " the same in every row: nothing can be learned about other values",
                     .key = "observations " + columns_text(constant),
                     .why = "a policy that meets another value there does something arbitrary",
                     .advice = "data.scale=robust keeps a later change small"});
  if (!coarse.empty())
    found.push_back({.name = "coarse-observations",
                     .what = columns_text(coarse, data.spaces.observation_names) +
                             ": so far from 0 that single precision keeps hardly a digit of what varies",
                     .key = "observations " + columns_text(coarse),
                     .why = "the column is a constant with rounding noise to a network",
                     .advice = "subtract the offset before the file is written"});
}

TESSERA_INLINE void find_in_continuous_actions(const Dataset& data, std::vector<Finding>& found) {
  const auto d = data.action_size;
  for (const auto& o : outlying_actions(data))
    found.push_back({.name = "outlier-actions",
                     .what = "action [" + std::to_string(o.column) +
                             "]: " + count_text(o.count, "value", row_of_transition(data, o.first)) + ", up to " +
                             short_number(o.worst) + ", where all others lie in " + range_text(o.min, o.max),
                     .key = "actions [" + std::to_string(o.column) + "]",
                     .count = o.count,
                     .rows = {row_of(data, o.first)},
                     .why = "limits taken from the data squeeze all other actions into a corner of the policy's range",
                     .advice = "correct it, or give the true limits of actions"});
  if (data.limits_from != limits_origin::seen) {
    FoundRows outside;
    for (std::int64_t i = 0; i < data.size(); ++i)
      for (std::int64_t j = 0; j < d; ++j) {
        const float x = data.actions[std::size_t(i * d + j)], low = data.action_low[std::size_t(j)],
                    high = data.action_high[std::size_t(j)], slack = 1e-4f * (high - low);
        if (x >= low - slack && x <= high + slack) continue;
        outside.add(i);
        break;
      }
    if (outside.count() > 0)
      found.push_back({.name = "actions-outside-limits",
                       .what = count_text(outside.count(), "row", row_of_transition(data, outside.first())) +
                               ": an action beyond the declared limits, to which it is clipped",
                       .key = "actions",
                       .count = outside.count(),
                       .rows = outside.rows(data),
                       .why = "the reward and the next observation are those of an action that no policy can take",
                       .repair = "clip-actions"});
  }
  std::vector<std::int64_t> constant;
  std::int64_t max_values = 0;
  bool whole = true, one_hot = d > 1;
  for (std::int64_t j = 0; j < d; ++j) {
    std::vector<float> values;  // the distinct ones, while they are few integers from 0
    constexpr std::size_t many = 32;
    float min = data.actions[std::size_t(j)], max = min;
    for (std::int64_t i = 0; i < data.size(); ++i) {
      const float x = data.actions[std::size_t(i * d + j)];
      min = std::min(min, x), max = std::max(max, x);
      if (!whole || (!values.empty() && values.back() == x)) continue;
      const auto at = std::find(values.begin(), values.end(), x);
      if (at != values.end()) std::iter_swap(at, values.end() - 1);
      else values.push_back(x);
      whole = x >= 0 && x == std::floor(x) && values.size() <= many;
    }
    if (!(max > min)) constant.push_back(j);
    one_hot = one_hot && whole && max <= 1;
    max_values = std::max(max_values, std::int64_t(values.size()));
  }
  for (std::int64_t i = 0; one_hot && i < data.size(); ++i)
    one_hot = std::accumulate(data.actions.begin() + i * d, data.actions.begin() + (i + 1) * d, 0.0f) == 1;
  const std::string codes = "a policy of continuous actions answers with numbers between the codes, which mean nothing";
  if (one_hot && max_values > 1)
    found.push_back({.name = "one-hot-actions",
                     .what = "in every row one of the " + std::to_string(d) +
                             " numbers of the action is 1 and all others are 0, but they are read as continuous",
                     .key = "actions",
                     .why = codes,
                     .advice = "if they say which action was taken, read them with --actions discrete, or store its "
                               "number, as an integer"});
  else if (whole && max_values > 1 && data.size() >= 5 * max_values)
    found.push_back({.name = "whole-number-actions",
                     .what = "actions are whole numbers from 0, at most " + std::to_string(max_values) +
                             " different in a column, but are read as continuous",
                     .key = "actions",
                     .why = codes,
                     .advice = "if they are codes, read them with --actions discrete, or store them as integers, in "
                               "one column"});
  if (!constant.empty() && data.size() > 1)
    found.push_back({.name = "constant-actions",
                     .what = columns_text(constant, data.spaces.action_names) +
                             (constant.size() == 1 ? " is" : " are") +
                             " the same in every row: the log says nothing about other values",
                     .key = "actions " + columns_text(constant),
                     .why = "what a critic says of any other value is a guess, which the policy then follows"});
}

TESSERA_INLINE void find_in_discrete_actions(const Dataset& data, std::vector<Finding>& found) {
  constexpr std::int64_t many = 64;
  if (data.action_size > many && data.spaces.action_names.empty() && data.spaces.action_factors.empty())
    found.push_back(
        {.name = "many-actions",
         .what = "there are " + std::to_string(data.action_size) + " discrete actions, of which none is like another",
         .key = "actions",
         .why = "nothing is learned about an action from the actions near it",
         .advice = "if they are amounts, such as doses, read them with --actions continuous"});
  std::vector<std::uint8_t> used(std::size_t(data.action_size));
  for (const auto a : data.action_indices) used[std::size_t(a)] = 1;
  std::vector<std::int64_t> unused;
  for (std::int64_t a = 0; a < data.action_size; ++a)
    if (!used[std::size_t(a)]) unused.push_back(a);
  if (!unused.empty())
    found.push_back({.name = "unused-actions",
                     .what = columns_text(unused, data.spaces.action_names) + " of " +
                             std::to_string(data.action_size) +
                             " actions never occur: what they lead to is guessed, and where rewards are negative an "
                             "action never tried looks better than any",
                     .key = "actions " + columns_text(unused),
                     .why = "a greedy policy may choose an action of which the log says nothing",
                     .advice = "if they are gaps in the codes, number the actions from 0 without gaps"});
}

// The last row of an episode that was cut gives no transition where the file does not say where it led, and its reward
// with it: if that is where the rewards are, nothing is left to learn from.
TESSERA_INLINE void find_rewards_left_out(const Dataset& data, double min, double max, std::vector<Finding>& found) {
  std::vector<std::int64_t> which;
  std::int64_t count = 0;
  double extreme = 0;
  for (std::size_t e = 0; e < data.episodes.size(); ++e) {
    const auto& episode = data.episodes[e];
    if (episode.rows != episode.transitions + 1) continue;
    double rest = episode.episode_return;
    for (auto i = episode.first; i < episode.first + episode.transitions; ++i)
      rest -= double(data.rewards[std::size_t(i)]);
    const double slack = (max - min) / 2 + 1e-5 * (std::abs(episode.episode_return) + std::abs(min) + std::abs(max));
    if (rest <= max + slack && rest >= min - slack) continue;
    if (std::abs(rest) > std::abs(extreme)) extreme = rest;
    if (which.size() < 3) which.push_back(std::int64_t(e));
    ++count;
  }
  if (count == 0) return;
  found.push_back({.name = "rewards-left-out",
                   .what = std::to_string(count) + " of " + std::to_string(data.episodes.size()) +
                           " episodes have a reward of up to " + short_number(extreme) +
                           " in a last row that is not used, and all that are used lie in " + range_text(min, max),
                   .key = "rewards",
                   .count = count,
                   .episodes = std::move(which),
                   .why = "what the best or worst episodes were rewarded for is not learned",
                   .advice = "mark the ends of the task as terminals, or add the state that the last step led to"});
}

TESSERA_INLINE void find_in_rewards(const Dataset& data, std::vector<Finding>& found) {
  for (const auto& o : outlying_rewards(data))
    found.push_back({.name = "outlier-rewards",
                     .what = count_text(o.count, "reward", row_of_transition(data, o.first)) + ", up to " +
                             short_number(o.worst) + ", where all others lie in " + range_text(o.min, o.max),
                     .key = "rewards",
                     .count = o.count,
                     .rows = {row_of(data, o.first)},
                     .why = "values are learned by squared errors: a few rewards outweigh all others",
                     .advice = "if that is not meant, correct them, or clip them with data.reward_limit=" +
                               short_number(reward_limit_of(o))});
  const auto [min, max] = std::minmax_element(data.rewards.begin(), data.rewards.end());
  find_rewards_left_out(data, double(*min), double(*max), found);
  const bool ends = std::any_of(data.terminals.begin(), data.terminals.end(), [](std::uint8_t t) { return t != 0; });
  // If rewards are equal and episodes terminate, there is something to learn: to make the task last, or to end it.
  if (*min == *max && data.size() > 1 && (*max == 0 || !ends || is_bandit(data))) {
    found.push_back({.name = "equal-rewards",
                     .what = "every reward is " + short_number(*max) +
                             ": no action is better than another, so training can only imitate",
                     .key = "rewards",
                     .why = "all values are equal, and what the policy learns from them is their noise",
                     .advice = "check the rewards of the file"});
    return;
  }
  const auto by_return = [](const Episode& a, const Episode& b) { return a.episode_return < b.episode_return; };
  const auto [low, high] = std::minmax_element(data.episodes.begin(), data.episodes.end(), by_return);
  if (data.episodes.size() > 1 && low->episode_return == high->episode_return)
    found.push_back({.name = "equal-returns",
                     .what = "every one of " + std::to_string(data.episodes.size()) + " episodes has the return " +
                             short_number(low->episode_return),
                     .key = "rewards",
                     .why = "no episode is better than another; only the time until a reward tells them apart"});
}

TESSERA_INLINE void find_in_episodes(const Dataset& data, std::vector<Finding>& found) {
  if (is_bandit(data) && data.size() > 1)
    found.push_back(
        {.name = "one-step-episodes",
         .what = "every episode is one step that ends the task: a bandit, where the value of an action is its reward",
         .key = "terminals",
         .why = "if the steps belong together, nothing is learned about what follows from them"});
  if (data.episodes.size() != 1 || data.episodes[0].rows < 2) return;
  const auto rows = std::to_string(data.episodes[0].rows);
  if (!data.episodes[0].complete)
    found.push_back({.name = "no-end-marks",
                     .what = "no row is marked as the end of an episode, so all " + rows + " rows are one",
                     .key = "terminals",
                     .why = "where the log was cut or restarted, what follows is taken for what the action led to",
                     .advice =
                         "where the log was cut or restarted, set 'timeouts' to 1 in the last row before (or give "
                         "the length of episodes), else what follows is taken for what the action led to"});
  else
    found.push_back({.name = "one-episode",
                     .what = "all " + rows + " rows are one episode: there are no returns to compare",
                     .key = "terminals",
                     .why = "what is learned holds for the states that one episode happened to visit"});
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE std::vector<Warning> findings(const Dataset& data) {
  std::vector<Finding> found;
  if (data.size() == 0) return {};
  require_in_memory(data, "the search for what is odd in it");
  detail::find_in_episodes(data, found);
  detail::find_in_rewards(data, found);
  detail::find_in_observations(data, found);
  if (data.kind == action_kind::discrete) detail::find_in_discrete_actions(data, found);
  else detail::find_in_continuous_actions(data, found);
  std::vector<Warning> out;
  for (const auto& f : found) out.push_back(f.warning());
  return out;
}
}  // namespace tessera
