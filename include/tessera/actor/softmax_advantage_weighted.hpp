#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/normal.hpp>
#include <tessera/math/over_batch.hpp>

namespace tessera {
/// Advantage-weighted regression with weights normalized over the batch:
///   minimize -sum_b w_b log pi(a_b|s_b),   w = softmax_b(beta A(s_b, a_b))
/// A sum, because the weights sum to one: a mean would divide the step by the batch size.
/// Source: Nair et al. 2020 (AWAC), equation 9, with the partition function estimated on the batch.
struct SoftmaxAdvantageWeighted {
  using role = role::actor_objective;
  struct params {
    double beta = 1.0;

    static constexpr doc docs[] = {
        {"beta", "inverse temperature, per unit of (normalized) return (AWAC: 1/lambda)", 0}};
  };
  using needs = all_of<need<policy, want::policy_with_log_prob>, need<value, want::value_of_states>>;
  static constexpr const char* formula = "-sum_b w_b log pi(a_b|s_b), w = softmax_b(beta A_b)";
  static constexpr const char* source = "Nair et al. 2020, eq. 9";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto w = math::batch_softmax(typename Step::tensor(h.beta * step.advantage()));
    return {"actor/awr", math::weighted_nll_sum(w, step.pi(now).log_prob(step.action()))};
  }
};
static_assert(ActorObjective<SoftmaxAdvantageWeighted>);
}  // namespace tessera
