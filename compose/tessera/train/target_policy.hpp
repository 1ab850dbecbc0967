#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tessera/compose/name.hpp>
#include <tessera/concepts/policy.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/select/greedy.hpp>
#include <tessera/select/mode.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/select/supported_greedy.hpp>

namespace tessera::ope {
/// How a trained policy acts that is judged.
///   selected  as in an evaluation: as the selection of its recipe chooses
///   drawn     by samples of its distribution, as `learner::explore` acts without noise
enum class acting { selected, drawn };

/// A policy that is judged: functions of observations in the task's own units, (B, n) on `device`.  A program's own one
/// is such a struct with functions of its own; `target_policy` makes it of a learner, which must outlive it.
struct TargetPolicy {
  bool discrete = false;
  std::int64_t observation_size = 0, action_size = 0;  ///< action_size: of discrete actions how many there are
  at::Device device = at::kCPU;
  bool draws = false;  ///< whether `act` depends on the key
  /// Between which every continuous action lies, d numbers each, where that is known; empty: it is not.
  std::vector<float> action_low{}, action_high{};
  /// Actions (B, d), or indices (B); equal keys give equal actions.
  std::function<at::Tensor(const at::Tensor& observations, std::int64_t key)> act{};
  /// Continuous: log-densities of actions (B, d) in the task's units, (B).  None, where the actions that it takes have
  /// no density that is known; `no_density` then says why.
  std::function<at::Tensor(const at::Tensor& observations, const at::Tensor& actions)> log_density{};
  /// Discrete: log pi(.|s), (B, A).  None, where it does not draw: it takes its action with probability 1.
  std::function<at::Tensor(const at::Tensor& observations)> log_probabilities{};
  std::string no_density{};
};

/// Whether log pi(a|s) of logged actions can be had.
bool has_log_prob(const TargetPolicy& policy);
/// log pi(a|s) of actions (B, d) or (B), (B): -infinity where it never takes the action.  An Error where there is none.
at::Tensor log_prob(const TargetPolicy& policy, const at::Tensor& observations, const at::Tensor& actions);
/// pi(.|s) over discrete actions, (B, A).  Of one that draws by a rule of its own, the shares of `draws` draws.
at::Tensor probabilities(const TargetPolicy& policy, const at::Tensor& observations, std::int64_t key = 0,
                         std::int64_t draws = 32);

namespace detail {
/// Whether a selection is a function of the state, and draws nothing.
template <class Select>
inline constexpr bool decides =
    std::is_same_v<Select, Mode> || std::is_same_v<Select, Greedy> || std::is_same_v<Select, SupportedGreedy>;
/// Whether a policy's samples differ.
template <class P>
inline constexpr bool varies = SamplingPolicy<P> && !requires {
  requires P::noise_kind == tessera::noise::none;
};

enum class without_density { by_mode, deterministic, generative, by_selection };
std::string why_no_density(without_density why, std::string_view part);
[[noreturn]] void refuse_chunks(std::string_view recipe, std::int64_t steps);
}  // namespace detail

/// A learner's policy, to judge it.  Throws an Error for policies that decide several actions at once.
template <class Learner>
TargetPolicy target_policy(Learner& agent, acting how = acting::selected) {
  using R = typename Learner::recipe_type;
  using P = typename Learner::policy_part;
  using Select = typename R::completed::template get<select>;
  constexpr bool discrete = std::is_same_v<typename Learner::space, Discrete>;
  const auto& on = agent.problem();
  if constexpr (ChunkedPolicy<P>) detail::refuse_chunks(type_name<R>(), agent.actions_at_once());
  // Where the selection is its own, a sample is what it selects.
  constexpr bool own = !std::is_same_v<Select, Mode> && !std::is_same_v<Select, Sample> && !discrete;
  const bool drawn = how == acting::drawn || std::is_same_v<Select, Sample>;
  TargetPolicy out{.discrete = discrete,
                   .observation_size = on.observation_size,
                   .action_size = on.action_size,
                   .device = on.device};
  if constexpr (!discrete) {
    const auto& units = agent.units().normalizer();
    out.action_low = units.action_low, out.action_high = units.action_high;
  }
  if (drawn && !own) out.act = [&agent](const at::Tensor& x, std::int64_t key) { return agent.explore(x, key, 0.0); };
  else out.act = [&agent](const at::Tensor& x, std::int64_t key) { return agent.act(x, key); };
  out.draws = drawn && !own ? detail::varies<P> : !detail::decides<Select> && !std::is_same_v<Select, Sample>;
  if constexpr (discrete) {
    if constexpr (EnumerablePolicy<P>)
      if (drawn) out.log_probabilities = [&agent](const at::Tensor& x) { return agent.log_probs(x); };
  } else if constexpr (own) {
    out.no_density = detail::why_no_density(detail::without_density::by_selection, type_name<Select>());
  } else if constexpr (!LogDensityPolicy<P>) {
    out.no_density = detail::why_no_density(
        detail::varies<P> ? detail::without_density::generative : detail::without_density::deterministic,
        type_name<P>());
  } else if (drawn) {
    out.log_density = [&agent](const at::Tensor& x, const at::Tensor& a) { return agent.log_prob(x, a); };
  } else {
    out.no_density = detail::why_no_density(detail::without_density::by_mode, type_name<P>());
  }
  return out;
}
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/train/target_policy.impl.hpp>
#endif
