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
  const std::uint8_t* truncated = nullptr;       ///< (episodes) cut by the task itself; null: none ever is
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
  /// Actions are those of an online phase (`learner::explore`) with that exploration noise, and not the selected ones.
  std::optional<double> exploration{};
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

namespace detail {
// An agent and a task, without their types.
struct Evaluated {
  std::string task;                                          // its name
  std::int64_t observation_size, action_size;                // of the task
  std::int64_t wanted_observation_size, wanted_action_size;  // of the agent
  int default_horizon;
  bool discrete;
  at::Device device;  // the agent's
  // Makes the copies of the task; after that, what they show, and a step of theirs: actions are floats or indices.
  std::function<void(std::int64_t copies, int horizon, std::uint64_t seed)> make;
  std::function<const float*()> observations;
  std::function<void(const void* actions, float* rewards, std::uint8_t* terminated)> step;
  // Of up to `episodes_at_once` copies at their step t: the key is t + (number of the chunk of copies << 32).
  std::function<at::Tensor(const at::Tensor& observations, std::int64_t key)> act;
  std::function<const std::uint8_t*()> truncated{};  // of a task that cuts episodes by itself
};
Evaluation evaluate(const Evaluated& on, const EvaluationOptions& o);

// Acts by chunks of h actions, (B, h, d), that `begin` makes: at step 0, h, 2 h, ... of the copies, which all begin
// together, and does them one after the other.
std::function<at::Tensor(const at::Tensor&, std::int64_t)> open_loop(
    std::int64_t h, std::function<at::Tensor(const at::Tensor&, std::int64_t)> begin);
// How an agent acts in copies of a task that are stepped together.  Policies of chunks draw what they select.
template <class Agent>
std::function<at::Tensor(const at::Tensor&, std::int64_t)> acting(Agent& agent,
                                                                  const std::optional<double>& exploration) {
  if constexpr (requires(const at::Tensor& x) { agent.act_chunk(x, 0); })
    return open_loop(agent.actions_at_once(),
                     [&agent](const at::Tensor& x, std::int64_t key) { return agent.act_chunk(x, key); });
  if (exploration) {
    if constexpr (requires(const at::Tensor& x) { agent.explore(x, 0, 0.0); })
      return [&agent, noise = *exploration](const at::Tensor& x, std::int64_t key) {
        return agent.explore(x, key, noise);
      };
    else throw Error("exploration: this agent has no `explore(observations, key, noise)`; leave it out");
  }
  return [&agent](const at::Tensor& x, std::int64_t key) { return agent.act(x, key); };
}
}  // namespace detail

/// Runs the agent in `episodes` copies of a task, all stepped together.  A policy of chunks looks at every h-th step,
/// and does the chunk that it has begun there.
template <class Agent, Task T>
Evaluation evaluate(Agent& agent, const T& task, const EvaluationOptions& o = {}) {
  static_assert(std::is_same_v<typename T::space, typename Agent::space>,
                "the agent and the environment have different action spaces");
  using Copies = decltype(task.make(o.episodes, 1, o.seed));
  using action_type = typename Copies::action_type;
  const auto& on = agent.problem();
  std::optional<Copies> copies;
  return detail::evaluate(
      {std::string(task.name()), task.observation_size(), task.action_size(), on.observation_size, on.action_size,
       task.default_horizon(), !std::is_floating_point_v<action_type>, on.device,
       [&](std::int64_t count, int horizon, std::uint64_t seed) { copies.emplace(task.make(count, horizon, seed)); },
       [&] { return copies->observations(); },
       [&](const void* actions, float* rewards, std::uint8_t* terminated) {
         copies->step(static_cast<const action_type*>(actions), rewards, terminated);
       },
       detail::acting(agent, o.exploration),
       [&]() -> const std::uint8_t* {
         if constexpr (CutsEpisodes<Copies>) return copies->truncated();
         else return nullptr;
       }},
      o);
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
