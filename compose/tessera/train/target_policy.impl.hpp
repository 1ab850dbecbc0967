#pragma once
#include <limits>
#include <string>

#include <tessera/nn/torch.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/target_policy.hpp>

namespace tessera::ope {
namespace detail {
TESSERA_INLINE std::string why_no_density(without_density why, std::string_view part) {
  const std::string name(part);
  switch (why) {
    case without_density::by_mode:
      return "it acts by the mode of its policy (" + name + "), which has no density; the policy that draws has one";
    case without_density::deterministic:
      return "its policy is deterministic (" + name + "), and has no density";
    case without_density::generative:
      return "the density of what its policy draws (" + name + ") is not known";
    default:
      return "it selects among several actions (" + name + "), whose density is not known";
  }
}
TESSERA_INLINE void refuse_chunks(std::string_view recipe, std::int64_t steps) {
  throw Error(std::string(recipe) + ": its policy decides chunks of " + std::to_string(steps) +
              " actions, and off-policy evaluation is of policies that look at every step");
}
}  // namespace detail

TESSERA_INLINE bool has_log_prob(const TargetPolicy& policy) {
  return policy.discrete ? !policy.draws || policy.log_probabilities : bool(policy.log_density);
}

TESSERA_INLINE at::Tensor probabilities(const TargetPolicy& policy, const at::Tensor& observations, std::int64_t key,
                                        std::int64_t draws) {
  if (policy.log_probabilities) return policy.log_probabilities(observations).exp();
  const auto count = policy.draws ? draws : 1;
  at::Tensor sum;
  for (std::int64_t k = 0; k < count; ++k) {
    const auto one = at::one_hot(policy.act(observations, key + k), policy.action_size).to(at::kFloat);
    sum = sum.defined() ? sum + one : one;
  }
  return sum / double(count);
}

TESSERA_INLINE at::Tensor log_prob(const TargetPolicy& policy, const at::Tensor& observations,
                                   const at::Tensor& actions) {
  if (!has_log_prob(policy)) throw Error("a policy to judge: no log-density: " + policy.no_density);
  if (!policy.discrete) return policy.log_density(observations, actions);
  const auto all =
      policy.log_probabilities ? policy.log_probabilities(observations) : probabilities(policy, observations).log();
  return all.gather(-1, actions.unsqueeze(-1)).squeeze(-1);
}
}  // namespace tessera::ope
