#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/io/write_parts.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::detail {
TESSERA_INLINE std::string counted(std::int64_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}
TESSERA_INLINE std::vector<std::int64_t> choices_of(std::int64_t i, const std::vector<std::int64_t>& factors) {
  std::vector<std::int64_t> out(factors.size());
  for (std::size_t k = factors.size(); k-- > 0;) out[k] = i % factors[k], i /= factors[k];
  return out;
}
TESSERA_INLINE std::string some_names(const std::vector<std::string>& names) {
  constexpr std::size_t max = 4;
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), max); ++i)
    out += (i == 0 ? "'" : ", '") + printable_name(names[i]) + "'";
  return names.size() > max ? out + " and " + std::to_string(names.size() - max) + " more" : out;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE EpisodeParts::EpisodeParts(const Dataset& data) : data_(data) {
  require_sound(data);
  require_in_memory(data, "the writing of them in another format");
  const auto bytes = std::size_t(data.observation_size) * sizeof(float);
  for (const auto& e : data.episodes) {
    if (e.transitions == 0) continue;
    const auto last = e.first + e.transitions - 1;
    const bool terminated = data.terminals[std::size_t(last)] != 0;
    parts_.push_back({e.first, e.transitions, terminated, !terminated && e.complete, data.knows_next(last)});
    for (auto i = e.first; i < last; ++i) inner_terminals_ += data.terminals[std::size_t(i)] != 0;
    for (auto i = e.first; i < last; ++i)
      breaks_ += data.next_observation_row[std::size_t(i)] != data.observation_row[std::size_t(i + 1)] &&
                 std::memcmp(data.next_observation(i), data.observation(i + 1), bytes) != 0;
  }
}

TESSERA_INLINE void EpisodeParts::observations(const Part& part, std::vector<float>& to) const {
  const auto n = data_.observation_size;
  for (auto i = part.first; i < part.first + part.steps; ++i)
    to.insert(to.end(), data_.observation(i), data_.observation(i) + n);
  const float* last = data_.next_observation(part.first + part.steps - 1);
  to.insert(to.end(), last, last + n);
}

TESSERA_INLINE void EpisodeParts::lose_names(Losses& to) const {
  if (const auto& names = data_.spaces.observation_names; !names.empty())
    to.push_back({"names", "the names of the numbers of an observation are not held: " + detail::some_names(names)});
  if (const auto& names = data_.spaces.action_names; !names.empty() && data_.kind == action_kind::continuous)
    to.push_back({"names", "the names of the numbers of an action are not held: " + detail::some_names(names)});
}
TESSERA_INLINE void EpisodeParts::lose_bounds(Losses& to) const {
  const auto finite = [](const std::vector<float>& x) {
    return std::any_of(x.begin(), x.end(), [](float each) { return std::isfinite(each); });
  };
  if (finite(data_.spaces.observation_low) || finite(data_.spaces.observation_high))
    to.push_back({"observation-bounds", "the bounds of the observations are not held"});
  if (data_.kind == action_kind::continuous && data_.limits_from != limits_origin::seen)
    to.push_back({"action-limits",
                  "the declared limits of the actions are not held: give them again with "
                  "--action-low and --action-high"});
}
TESSERA_INLINE void EpisodeParts::lose_action_count(Losses& to) const {
  if (data_.kind != action_kind::discrete) return;
  const auto seen = *std::max_element(data_.action_indices.begin(), data_.action_indices.end()) + 1;
  if (seen < data_.action_size)
    to.push_back({"action-count", "that there are " + std::to_string(data_.action_size) +
                                      " discrete actions is not held: of those above " + std::to_string(seen - 1) +
                                      " none is in the data"});
}
TESSERA_INLINE void EpisodeParts::lose_action_texts(Losses& to) const {
  if (data_.kind != action_kind::discrete) return;
  const auto& s = data_.spaces;
  if (!s.action_names.empty())
    to.push_back({"action-names", "the names of the discrete actions are not held, their numbers are: " +
                                      detail::some_names(s.action_names)});
  if (!s.action_factors.empty())
    to.push_back({"action-factors", "that an action is " + std::to_string(s.action_factors.size()) +
                                        " choices at once is not held: each combination has a number of its own"});
  if (s.first_action != 0)
    to.push_back({"first-action", "that the task's first action is " + std::to_string(s.first_action) +
                                      " is not held: they are numbered from 0"});
}
TESSERA_INLINE void EpisodeParts::lose_task(Losses& to) const {
  const auto& t = data_.task;
  if (!t.environment.empty() || t.max_steps != 0 || std::isfinite(t.score_zero) || std::isfinite(t.score_hundred))
    to.push_back({"task", "the task" + (t.environment.empty() ? "" : " '" + printable_name(t.environment) + "'") +
                              " is not held, nor its time limit and reference returns"});
}
TESSERA_INLINE void EpisodeParts::lose_propensities(Losses& to) const {
  if (data_.has_propensities())
    to.push_back({"propensities", "the propensities of the logged actions are not held; a store and CSV hold them"});
}
TESSERA_INLINE void EpisodeParts::lose_unknown_next(Losses& to, const std::string& what_is_there) const {
  const auto ends = count([](const Part& part) { return !part.knows_last; });
  if (ends > 0)
    to.push_back(
        {"unknown-next", detail::counted(ends, "terminal") + " of which it is unknown where it led: " + what_is_there});
}
TESSERA_INLINE void EpisodeParts::lose_own_next(Losses& to, const std::string& what_is_there) const {
  if (breaks_ > 0)
    to.push_back({"own-next", detail::counted(breaks_, "step") +
                                  " inside episodes led elsewhere than where the next one began: " + what_is_there});
}
TESSERA_INLINE void EpisodeParts::lose_open_ends(Losses& to, const std::string& what_is_there) const {
  const auto open = count([](const Part& part) { return !part.terminated && !part.truncated; });
  if (open > 0)
    to.push_back({"open-end", detail::counted(open, "episode") + " where the log breaks off: " + what_is_there});
}
TESSERA_INLINE void EpisodeParts::lose_inner_terminals(Losses& to, const std::string& what_is_there) const {
  if (inner_terminals_ > 0)
    to.push_back({"inner-terminal", detail::counted(inner_terminals_, "terminal") +
                                        " before the end of an episode, which goes on: " + what_is_there});
}
TESSERA_INLINE void EpisodeParts::lose_rows(Losses& to) const {
  std::int64_t rows = 0;
  for (const auto& e : data_.episodes) rows += e.rows - e.transitions;
  const auto empty = std::int64_t(data_.episodes.size() - parts_.size());
  if (empty > 0)
    to.push_back({"empty-episodes", detail::counted(empty, "episode") + " without a transition is left out"});
  if (rows > 0)
    to.push_back({"rows", detail::counted(rows, "row") +
                              " of the source gave no transition: their actions and rewards are left out"});
}
}  // namespace tessera
