#pragma once
#include <cstdint>
#include <type_traits>
#include <vector>

#include <tessera/concepts/slots.hpp>
#include <tessera/env/tabular.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/support/error.hpp>
#include <tessera/tabular/evaluation.hpp>

namespace tessera {
namespace detail {
template <class Agent>
struct draws_actions : std::false_type {};
template <class Agent>
  requires requires { typename Agent::recipe_type; }
struct draws_actions<Agent> : std::is_same<typename Agent::recipe_type::template get<select>, Sample> {};
}  // namespace detail

/// An agent whose action is a function of the observation.  One that samples it (`select<Sample>`) has no table of
/// actions.
template <class Agent>
concept ActsByTable = std::is_same_v<typename Agent::space, Discrete> && !detail::draws_actions<Agent>::value;

/// The action that the agent selects in every state of a finite problem, (S).
template <ActsByTable Agent>
std::vector<std::int64_t> selected_actions(Agent& agent, const TabularTask& task) {
  const auto& on = agent.problem();
  const auto states = task.mdp().states(), width = task.observation_size();
  if (on.observation_size != width || on.action_size != task.action_size())
    throw Error(task.name() + " has observations of size " + std::to_string(width) + " and " +
                std::to_string(task.action_size()) + " actions, but the policy was trained for " +
                std::to_string(on.observation_size) + " and " + std::to_string(on.action_size) +
                "; evaluate it in the task its data came from");
  const auto x = at::from_blob(const_cast<float*>(task.observations().data()), {states, width}, at::kFloat);
  const auto a = agent.act(x.to(on.device), 0).to(at::kCPU, at::kLong).contiguous();
  const auto* const first = a.template data_ptr<std::int64_t>();
  return {first, first + states};
}

/// The agent's expected return in a finite problem, with the problem's discount: the limit of the mean over evaluation
/// episodes, without their noise.
template <ActsByTable Agent>
double exact_value(Agent& agent, const TabularTask& task) {
  return tabular::expected_return(task.mdp(), tabular::deterministic_policy(task.mdp(), selected_actions(agent, task)));
}
}  // namespace tessera
