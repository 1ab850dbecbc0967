#pragma once
#include <tessera/behavior/density.hpp>
#include <tessera/math/support.hpp>

namespace tessera {
/// Hyper-parameters that CategoricalSupport adds to a density's.
struct SupportParams {
  double threshold = 0.3;
  double logit_weight = 0.01;

  static constexpr doc docs[] = {
      {"threshold",
       "tau, least probability of an action against the likeliest's (BCQ: 0.3; 0: any action; toward 1: the likeliest "
       "alone)",
       0, 0.999},
      {"logit_weight", "weight of the network's squared outputs (BCQ: 0.01)", 0},
  };
};

/// The behavior over discrete actions, and the set of actions that it takes often enough to be evaluated:
///   minimize E_D [ -log b(a|s) + logit_weight mean_a f_a(s)^2 ],   b = softmax f
///   S(s) = { a : b(a|s) > tau max_a' b(a'|s) }
/// The second term keeps f from growing where an action is never seen.
/// Source: Fujimoto et al. 2019b (discrete BCQ), and the authors' code.
struct CategoricalSupport : Density<CategoricalPolicy> {
  using base = Density<CategoricalPolicy>;
  using params = joined<base::params, SupportParams>;
  static constexpr const char* formula =
      "E -log b(a_D|s) + logit_weight mean_a f_a(s)^2, b = softmax f;  S(s) = {a : b(a|s) > threshold max b(.|s)}";
  static constexpr const char* source = "Fujimoto et al. 2019b";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto x = step.template state_of<behavior>().net.trained(step.state(now));
    terms<typename Step::tensor> sum{"behavior/nll", -CategoricalPolicy::log_prob(h.model, x, step.action()).mean()};
    return sum.add("behavior/logits", h.logit_weight * x.out.square().mean());
  }
  /// S(s) as 0 and 1, (B, A), no gradient.
  template <class Step>
  static typename Step::tensor support(const params& h, Step& step, place where) {
    typename Step::backend::no_grad guard;
    return math::likely(
        CategoricalPolicy::log_probs(h.model, step.template state_of<behavior>().net.fixed(step.state(where))),
        h.threshold);
  }
};
static_assert(EnumerableBehavior<CategoricalSupport> && BehaviorSupport<CategoricalSupport>);
}  // namespace tessera
