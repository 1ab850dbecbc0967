#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/normal.hpp>

namespace tessera {
/// The softmax policy over actions of the data, whatever their frequency:
///   minimize -E_D w log pi(a|s),   w = clip(exp(A(s,a) / t - log b(a|s)), 1e-8, max_weight)
/// The division by the behavior's density removes its preference among actions; A includes the entropy at temperature
/// t.
/// Source: Xiao et al. 2023 (InAC), equation 10 and the authors' code.
struct InSampleSoftmax {
  using role = role::actor_objective;
  struct params {
    double temperature = 0.1;
    double max_weight = 1e4;

    static constexpr doc docs[] = {
        {"temperature", "t, in units of (normalized) return (InAC: 0.01 expert data, 0.1 to 0.5 mixed)", 1e-6},
        {"max_weight", "bound of the weight (InAC: 1e4)", 1e-8},
    };
  };
  using needs = all_of<need<policy, want::policy_with_log_prob>, need<value, want::value_of_states>,
                       need<behavior, want::behavior_with_density>, agree<policy, behavior, want::same_action_space>>;
  static constexpr const char* formula = "-E w log pi(a_D|s), w = clip(exp(A/t - log b(a_D|s)), 1e-8, max_weight)";
  static constexpr const char* source = "Xiao et al. 2023, eq. 10";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto log_b = step.behavior_log_prob(now, step.action()).detach();
    const typename Step::tensor w = (step.advantage() * (1 / h.temperature) - log_b).exp().clamp(1e-8, h.max_weight);
    return {"actor/in_sample", math::weighted_nll(w, step.pi(now).log_prob(step.action()))};
  }
  template <class Step>
  static typename Step::tensor temperature(const params& h, Step& step) {
    return step.constant(h.temperature);
  }
};
static_assert(EntropyRegularized<InSampleSoftmax> && !RunsIn<InSampleSoftmax, stage::duals>);
}  // namespace tessera
