#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/dataset/flat_rows.hpp>
#include <tessera/support/random.hpp>
#include <tessera/train/evaluate.hpp>
#include <tessera/train/experience.hpp>

namespace tessera {
struct CollectOptions {
  std::int64_t episodes = 100;
  std::uint64_t seed = 0;  ///< of the initial states, which are those of an evaluation with that seed, and of the noise
  int horizon = 0;         ///< steps per episode; 0: the task's own
  std::optional<double> exploration{};  ///< as an evaluation has it
  double noise = 0;  ///< standard deviation of the normal noise that is added to each number of a continuous action, in
                     ///< its own unit
  std::vector<float> action_low{}, action_high{};  ///< (action_size): what noisy actions are clipped to; empty: nothing
  std::function<bool()> keep_going{};              ///< as an evaluation asks it
};

/// Keeps what happens in evaluations, episode by episode, as rows of a data set: the observations that the policy saw,
/// the actions that were done, noise and all, and where they led.  The last row of an episode is terminal where the
/// task ended there, and a timeout where it was cut.
class CollectedEpisodes {
 public:
  /// Of evaluations of `o.episodes` episodes.
  CollectedEpisodes(std::int64_t observation_size, std::int64_t action_size, bool discrete, const CollectOptions& o);

  /// An evaluation that is logged: of its episodes those that `wanted` says, or all.
  EvaluationOptions options(std::function<bool(std::size_t episode)> wanted = {});

  /// All that was logged, in the order of the episodes.
  FlatRows rows() const;
  /// Of one episode, the undiscounted return.
  double episode_return(std::size_t episode) const;

 private:
  void disturb(float* actions, std::vector<Random>& noise) const;
  void keep(const EvaluationStep& step, const std::function<bool(std::size_t)>& wanted);

  std::size_t observation_size_, action_size_;
  bool discrete_;
  CollectOptions o_;
  std::vector<Experience> episodes_;  // each of one copy
};

/// Runs the agent's selected actions in `episodes` copies of a task, as `evaluate` does, and gives what happened as the
/// rows of a data set: `write_d4rl` writes them, `assemble` makes a `Dataset` of them.
template <class Agent, Task T>
FlatRows collect(Agent& agent, const T& task, const CollectOptions& o = {}) {
  CollectedEpisodes log(task.observation_size(), task.action_size(), std::is_same_v<typename T::space, Discrete>, o);
  if (evaluate(agent, task, log.options()).stopped) return {};
  auto rows = log.rows();
  rows.name = task.name();
  return rows;
}
/// The same in an environment:  `collect<Pendulum>(agent, {.episodes = 20})`.  Noisy actions are clipped to its limits,
/// where its type says them.
template <Environment E, class Agent>
FlatRows collect(Agent& agent, CollectOptions o = {}) {
  if constexpr (requires {
                  E::action_low;
                  E::action_high;
                })
    if (o.action_low.empty()) {
      o.action_low.assign(std::size_t(E::action_size), float(E::action_low));
      o.action_high.assign(std::size_t(E::action_size), float(E::action_high));
    }
  return collect(agent, TaskOf<E>{}, o);
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/collect.impl.hpp>
#endif
