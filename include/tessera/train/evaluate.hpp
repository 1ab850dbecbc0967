#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/data/error.hpp>
#include <tessera/nn/torch.hpp>

namespace tessera {
struct EvaluationOptions {
  std::int64_t episodes = 100;
  std::uint64_t seed = 0;  ///< of the initial states; the same states whatever the policy
  int horizon = 0;         ///< steps per episode; 0: the task's own
};

/// Undiscounted returns of complete episodes, in the task's raw rewards.
struct Evaluation {
  std::vector<double> returns;
  std::optional<double> exact_value{};  ///< the expected return, where the task is a table (<tessera/train/exact.hpp>)

  double mean() const {
    double sum = 0;
    for (double r : returns) sum += r;
    return sum / double(returns.size());
  }
  /// Population standard deviation over episodes.
  double std() const {
    const double m = mean();
    double sum = 0;
    for (double r : returns) sum += (r - m) * (r - m);
    return std::sqrt(sum / double(returns.size()));
  }
};

/// Runs the agent's selected actions in `episodes` copies of a task, all stepped together.
template <class Agent, Task T>
Evaluation evaluate(Agent& agent, const T& task, const EvaluationOptions& o = {}) {
  static_assert(std::is_same_v<typename T::space, typename Agent::space>, "the agent and the environment have different action spaces");
  const auto& on = agent.problem();
  const std::int64_t width = task.observation_size();
  if (on.observation_size != width || on.action_size != task.action_size())
    throw Error("environment " + std::string(task.name()) + " has observations of size " + std::to_string(width) + " and actions of size " +
                std::to_string(task.action_size()) + ", but the policy was trained for " + std::to_string(on.observation_size) + " and " +
                std::to_string(on.action_size) + "; evaluate it in the task its data came from");
  if (o.episodes < 1) throw Error("episodes must be at least 1, not " + std::to_string(o.episodes));
  const int horizon = o.horizon > 0 ? o.horizon : task.default_horizon();

  auto env = task.make(o.episodes, horizon, o.seed);
  using action_type = typename decltype(env)::action_type;
  constexpr auto dtype = std::is_floating_point_v<action_type> ? at::kFloat : at::kLong;
  Evaluation result{std::vector<double>(std::size_t(o.episodes), 0.0)};
  std::vector<float> rewards(std::size_t(o.episodes), 0.0f);
  std::vector<std::uint8_t> terminated(std::size_t(o.episodes), 0), over(std::size_t(o.episodes), 0);
  for (int t = 0; t < horizon; ++t) {
    // from_blob does not own: the copy to the device, or act's arithmetic, is done before the state moves on.
    const auto x = at::from_blob(const_cast<float*>(env.observations()), {o.episodes, width}, at::kFloat);
    const auto a = agent.act(x.to(on.device), t).to(at::kCPU, dtype).contiguous();
    env.step(a.template data_ptr<action_type>(), rewards.data(), terminated.data());
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

/// A learner that does not compose is an error already.
template <Environment E, class Agent>
  requires requires { typename Agent::does_not_compose; }
Evaluation evaluate(Agent&, const EvaluationOptions& = {}) {
  return {};
}
template <class Agent, Task T>
  requires requires { typename Agent::does_not_compose; }
Evaluation evaluate(Agent&, const T&, const EvaluationOptions& = {}) {
  return {};
}
}  // namespace tessera
