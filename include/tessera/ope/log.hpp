#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tessera/support/error.hpp>

/// Off-policy evaluation: what a target policy pi would return, from episodes that a behavior policy b logged.
namespace tessera::ope {
/// One logged episode as the estimators see it: a number for each of its T steps.  What the log lacks is empty.
struct EpisodeView {
  std::span<const double> rewards{};
  std::span<const double> log_ratio{};  ///< log pi(a_t|s_t) - log b(a_t|s_t)
  std::span<const double> q{};          ///< Qhat(s_t, a_t)
  std::span<const double> v{};          ///< Vhat(s_t) = E_{a ~ pi} Qhat(s_t, a)
  std::span<const double> weight{};     ///< w(s_t, a_t) = d_pi(s_t, a_t) / d_b(s_t, a_t)
  double v_end = 0;                     ///< Vhat(s_T)
  bool truncated = false;

  std::size_t size() const { return rewards.size(); }
  /// Vhat(s_{t+1}).
  double v_after(std::size_t t) const { return t + 1 < v.size() ? v[t + 1] : v_end; }
};

/// Logged episodes as the estimators see them, in flat arrays: the steps of one episode after those of another.
/// Whoever fills it gives what is at hand; each estimator says by its `needs` what it reads.
struct EvaluationLog {
  double discount = 1;                    ///< gamma, in [0, 1]
  std::vector<std::int64_t> offsets{0};   ///< (episodes + 1): episode i is the steps [offsets[i], offsets[i + 1])
  std::vector<std::uint8_t> truncated{};  ///< (episodes) 1 where the log stopped before the task did; empty: nowhere
  std::vector<double> rewards{};          ///< (steps)
  /// (steps) log pi(a_t|s_t) - log b(a_t|s_t); -infinity where the target policy never takes the logged action.  Empty
  /// if there are none.
  std::vector<double> log_ratio{};
  std::vector<double> q{}, v{};  ///< (steps) Qhat(s_t, a_t) and Vhat(s_t) = E_{a ~ pi} Qhat(s_t, a); empty if none
  std::vector<double> v_end{};   ///< (episodes) Vhat after the last step of a truncated episode, and 0 of another
  /// (steps) w(s_t, a_t) = d_pi(s_t, a_t) / d_b(s_t, a_t), the ratio of the two policies' discounted visits
  /// d(s, a) = sum_t gamma^t Pr(s_t = s, a_t = a).  Empty if there are none.
  std::vector<double> weight{};

  std::size_t episodes() const { return offsets.empty() ? 0 : offsets.size() - 1; }
  std::size_t steps() const { return rewards.size(); }
  bool has_ratios() const { return !log_ratio.empty(); }
  bool has_values() const { return !v.empty(); }
  bool has_weights() const { return !weight.empty(); }
  /// How many episodes were truncated.
  std::size_t cut() const;

  EpisodeView episode(std::size_t i) const;
  /// Says that the steps which were appended to the arrays since the last call, or the first, are an episode.
  void end_episode(bool was_truncated, double value_at_end = 0);
};

/// Throws an Error unless the log can be evaluated: at least one episode, none without a step, arrays of equal length,
/// finite numbers (a log-ratio may be -infinity), nothing after the end of an episode that was not truncated.
void require_sound(const EvaluationLog& log);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/log.impl.hpp>
#endif
