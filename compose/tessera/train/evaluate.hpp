#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// One step of all of an evaluation's copies, row by row; what has `over` set had ended before, and is of no episode.
struct EvaluationStep {
  int t = 0;
  const float* observations = nullptr;           ///< (episodes, observation_size), before the step
  const float* actions = nullptr;                ///< (episodes, action_size), where actions are continuous
  const std::int64_t* action_indices = nullptr;  ///< (episodes), where they are indices
  const float* rewards = nullptr;                ///< (episodes)
  const std::uint8_t* terminated = nullptr;      ///< (episodes)
  const float* next_observations = nullptr;      ///< as `observations`, after the step
  const std::uint8_t* over = nullptr;            ///< (episodes)
};

struct EvaluationOptions {
  std::int64_t episodes = 100;
  std::uint64_t seed = 0;  ///< of the initial states, which do not depend on the policy
  int horizon = 0;         ///< steps per episode; 0: the task's own
  std::function<bool()>
      keep_going{};  ///< asked before every step, and in steps of more than `episodes_at_once`; false stops
  std::function<void(float* actions)>
      disturb{};  ///< is given the continuous actions of every step, (episodes, action_size), and may change them
  std::function<void(const EvaluationStep&)> watch{};  ///< is shown every step
};

/// Undiscounted returns of complete episodes, in the task's raw rewards.
struct Evaluation {
  std::vector<double> returns;
  std::optional<double> exact_value{};  ///< the expected return, where the task is a table (<tessera/train/exact.hpp>)
  bool stopped = false;                 ///< `keep_going` returned false: the episodes are incomplete

  double mean() const;
  /// Population standard deviation over episodes.
  double std() const;
};

/// The agent acts in up to this many copies of a task at once; more are processed in turn.
inline constexpr std::int64_t episodes_at_once = 1024;
/// The most memory that the observations of an evaluation's copies may take.
inline constexpr std::int64_t evaluation_bytes = std::int64_t{1} << 28;

/// Throws an Error if an evaluation is impossible: no episodes, or so many that their observations take more than
/// `evaluation_bytes`.  `evaluate` calls it; to find out before a long training, call it first.
void require_evaluable(std::int64_t observation_size, std::int64_t episodes);

/// Runs the agent in `episodes` copies of a task, all stepped together.
template <class Agent, Task T>
Evaluation evaluate(Agent& agent, const T& task, const EvaluationOptions& o = {}) {
  static_assert(std::is_same_v<typename T::space, typename Agent::space>,
                "the agent and the environment have different action spaces");
  const auto& on = agent.problem();
  const std::int64_t width = task.observation_size();
  if (on.observation_size != width || on.action_size != task.action_size())
    throw Error("environment " + std::string(task.name()) + " has observations of size " + std::to_string(width) +
                " and actions of size " + std::to_string(task.action_size()) + ", but the policy was trained for " +
                std::to_string(on.observation_size) + " and " + std::to_string(on.action_size) +
                "; evaluate it in the task its data came from");
  require_evaluable(width, o.episodes);
  if (o.horizon < 0)
    throw Error("horizon must be at least 1, or 0 for the task's own, not " + std::to_string(o.horizon));
  const int horizon = o.horizon > 0 ? o.horizon : task.default_horizon();

  auto env = task.make(o.episodes, horizon, o.seed);
  using action_type = typename decltype(env)::action_type;
  constexpr auto dtype = std::is_floating_point_v<action_type> ? at::kFloat : at::kLong;
  Evaluation result{std::vector<double>(std::size_t(o.episodes), 0.0)};
  std::vector<float> rewards(std::size_t(o.episodes), 0.0f);
  std::vector<std::uint8_t> terminated(std::size_t(o.episodes), 0), over(std::size_t(o.episodes), 0);
  const std::int64_t numbers = std::is_floating_point_v<action_type> ? on.action_size : 1;  // per action
  std::vector<action_type> actions(std::size_t(o.episodes * numbers));
  std::vector<float> seen, before;
  for (int t = 0; t < horizon; ++t) {
    // What an environment shows of an episode that has ended, even infinity, is not passed to the policy.
    const float* x = env.observations();
    if (std::any_of(over.begin(), over.end(), [](auto ended) { return ended != 0; })) {
      seen.assign(x, x + o.episodes * width);
      for (std::size_t i = 0; i < over.size(); ++i)
        if (over[i]) std::fill_n(seen.begin() + std::int64_t(i) * width, width, 0.0f);
      x = seen.data();
    }
    for (std::int64_t first = 0; first < o.episodes; first += episodes_at_once) {
      if (o.keep_going && !o.keep_going()) {
        result.stopped = true;
        return result;
      }
      const auto count = std::min(episodes_at_once, o.episodes - first);
      // from_blob does not own its memory: the copy to the device, or act's arithmetic, finishes before the state
      // changes.
      const auto some = at::from_blob(const_cast<float*>(x) + first * width, {count, width}, at::kFloat);
      // The noise that a selection draws is keyed by the step and the chunk of copies.
      const auto key = std::int64_t(t) + (first / episodes_at_once << 32);
      const auto a = agent.act(some.to(on.device), key).to(at::kCPU, dtype).contiguous();
      if (a.numel() != count * numbers)
        throw Error("the agent gave " + std::to_string(a.numel()) + " numbers as actions for " + std::to_string(count) +
                    " observations, and " + std::to_string(count * numbers) + " are wanted");
      std::copy_n(a.template data_ptr<action_type>(), a.numel(), actions.begin() + first * numbers);
    }
    if constexpr (std::is_floating_point_v<action_type>)
      if (o.disturb) o.disturb(actions.data());
    if (o.watch) before.assign(env.observations(), env.observations() + o.episodes * width);
    env.step(actions.data(), rewards.data(), terminated.data());
    if (o.watch) {
      EvaluationStep step{.t = t,
                          .observations = before.data(),
                          .rewards = rewards.data(),
                          .terminated = terminated.data(),
                          .next_observations = env.observations(),
                          .over = over.data()};
      if constexpr (std::is_floating_point_v<action_type>) step.actions = actions.data();
      else step.action_indices = actions.data();
      o.watch(step);
    }
    for (std::size_t i = 0; i < over.size(); ++i) {
      if (!over[i]) result.returns[i] += double(rewards[i]);
      over[i] = over[i] || terminated[i];
    }
    if (std::all_of(over.begin(), over.end(), [](auto ended) { return ended != 0; })) break;
  }
  return result;
}

/// The same in an environment:  `evaluate<Pendulum>(agent, {.episodes = 20})`.
template <Environment E, class Agent>
Evaluation evaluate(Agent& agent, const EvaluationOptions& o = {}) {
  return evaluate(agent, TaskOf<E>{}, o);
}

/// A type that is not an environment or a task is one error, which says what is missing.
template <class E, class Agent>
  requires(!Environment<E>)
Evaluation evaluate(Agent&, const EvaluationOptions& = {}) {
  static_assert(detail::must_be<E, an_environment>::size > 0);
  return {};
}
template <class Agent, class T>
  requires(!Task<T> && !std::is_convertible_v<const T&, const EvaluationOptions&> &&
           !requires { typename Agent::does_not_compose; })
Evaluation evaluate(Agent&, const T&, const EvaluationOptions& = {}) {
  static_assert(detail::must_be<T, a_task>::size > 0);
  return {};
}

/// A learner that does not compose has already been reported.
template <Environment E, class Agent>
  requires requires { typename Agent::does_not_compose; }
Evaluation evaluate(Agent&, const EvaluationOptions& = {}) { return {}; }
template <class Agent, Task T>
  requires requires { typename Agent::does_not_compose; }
Evaluation evaluate(Agent&, const T&, const EvaluationOptions& = {}) { return {}; }
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/evaluate.impl.hpp>
#endif
