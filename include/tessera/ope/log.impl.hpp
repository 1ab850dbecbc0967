#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include <tessera/ope/log.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
namespace detail {
// What is wrong in an array of the log, step by step; `lowest` may be -infinity.
inline void require_numbers(const EvaluationLog& log, const char* what, const std::vector<double>& values,
                            double lowest) {
  if (values.empty()) return;
  if (values.size() != log.steps())
    throw Error(std::string("an evaluation log: ") + what + " has " + std::to_string(values.size()) + " numbers for " +
                std::to_string(log.steps()) + " steps; give one a step, or none");
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (std::isfinite(values[k]) || values[k] == lowest) continue;
    const auto after = std::upper_bound(log.offsets.begin(), log.offsets.end(), std::int64_t(k));
    const auto i = std::size_t(after - log.offsets.begin()) - 1;
    throw Error(std::string("an evaluation log: ") + what + " of step " +
                std::to_string(std::int64_t(k) - log.offsets[i]) + " of episode " + std::to_string(i) + " is " +
                (std::isnan(values[k]) ? "not a number" : "infinite") + "; leave that episode out, or correct it");
  }
}

inline void require_episodes(const EvaluationLog& log) {
  if (log.episodes() == 0) throw Error("an evaluation log: it has no episodes; give at least one");
  if (log.offsets.front() != 0 || log.offsets.back() != std::int64_t(log.steps()))
    throw Error("an evaluation log: its offsets run from " + std::to_string(log.offsets.front()) + " to " +
                std::to_string(log.offsets.back()) + ", but it has steps 0 to " + std::to_string(log.steps()) +
                "; end every episode with end_episode");
  for (std::size_t i = 0; i < log.episodes(); ++i)
    if (log.offsets[i + 1] <= log.offsets[i])
      throw Error("an evaluation log: episode " + std::to_string(i) + " has no steps; leave it out");
}
}  // namespace detail

TESSERA_INLINE std::size_t EvaluationLog::cut() const {
  return std::size_t(std::count_if(truncated.begin(), truncated.end(), [](std::uint8_t x) { return x != 0; }));
}

TESSERA_INLINE EpisodeView EvaluationLog::episode(std::size_t i) const {
  const auto first = std::size_t(offsets[i]), count = std::size_t(offsets[i + 1]) - first;
  const auto part = [&](const std::vector<double>& x) {
    return x.empty() ? std::span<const double>() : std::span(x).subspan(first, count);
  };
  return {.rewards = part(rewards),
          .log_ratio = part(log_ratio),
          .q = part(q),
          .v = part(v),
          .weight = part(weight),
          .v_end = v_end.empty() ? 0 : v_end[i],
          .truncated = !truncated.empty() && truncated[i] != 0};
}

TESSERA_INLINE void EvaluationLog::end_episode(bool was_truncated, double value_at_end) {
  offsets.push_back(std::int64_t(steps()));
  truncated.push_back(was_truncated ? 1 : 0);
  v_end.push_back(was_truncated ? value_at_end : 0);
}

TESSERA_INLINE void require_sound(const EvaluationLog& log) {
  if (!(log.discount >= 0 && log.discount <= 1))
    throw Error("an evaluation log: discount " + std::to_string(log.discount) + " is not from 0 to 1");
  detail::require_episodes(log);
  const auto require_one_an_episode = [&](const char* what, std::size_t count) {
    if (count != 0 && count != log.episodes())
      throw Error(std::string("an evaluation log: ") + what + " has " + std::to_string(count) + " entries for " +
                  std::to_string(log.episodes()) + " episodes; give one an episode, or none");
  };
  require_one_an_episode("truncated", log.truncated.size());
  require_one_an_episode("v_end", log.v_end.size());
  constexpr double infinity = std::numeric_limits<double>::infinity(), none = std::numeric_limits<double>::quiet_NaN();
  detail::require_numbers(log, "the reward", log.rewards, none);
  detail::require_numbers(log, "the log-ratio", log.log_ratio, -infinity);
  detail::require_numbers(log, "Qhat", log.q, none);
  detail::require_numbers(log, "Vhat", log.v, none);
  detail::require_numbers(log, "the weight", log.weight, none);
  if (log.q.empty() != log.v.empty())
    throw Error("an evaluation log: it has only one of Qhat(s, a) and Vhat(s); give both, or neither");
  for (std::size_t i = 0; i < log.v_end.size(); ++i) {
    const auto episode = log.episode(i);
    if (!std::isfinite(episode.v_end))
      throw Error("an evaluation log: Vhat at the end of episode " + std::to_string(i) +
                  " is not finite; leave that episode out, or correct it");
    if (episode.v_end != 0 && !episode.truncated)
      throw Error("an evaluation log: episode " + std::to_string(i) + " ended, and has Vhat " +
                  std::to_string(episode.v_end) + " after its end; give 0, or say that it was truncated");
  }
  if (log.has_values() && log.v_end.empty() && log.cut() > 0)
    throw Error(
        "an evaluation log: episodes were truncated, and it has Vhat, but no v_end; give Vhat where each stopped");
}
}  // namespace tessera::ope
