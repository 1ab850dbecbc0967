#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/critic/params.hpp>

namespace tessera {
/// Hyper-parameter of Diversified.
struct DiversityParams {
  double diversity = 1.0;

  static constexpr doc docs[] = {
      {"diversity",
       "eta, weight of the similarity of the members' gradients (EDAC: 1 locomotion, 5 narrow data, 200 Adroit)", 0}};
};

/// A critic update whose members are kept from agreeing outside the data by accident: their slopes in the action at the
/// logged pairs are pushed apart,
///   eta E 1/(N-1) sum_{i != j} <g_i, g_j>,   g_i = grad_a Q_i(s, a_D) / |grad_a Q_i(s, a_D)|
/// so that their minimum is lower where they were not trained.  Differentiates twice.
/// Source: An et al. 2021 (EDAC), equation 5.
template <class Update>
struct Diversified : Update {
  using params = joined<typename Update::params, DiversityParams>;
  using needs = extended_needs<typename Update::needs, need<policy, want::continuous_policy>>;
  static constexpr const char* formula =
      "the wrapped update + eta E 1/(N-1) sum_{i!=j} <g_i, g_j>, g_i = grad_a Q_i(s,a_D) of length 1";
  static constexpr const char* source = "An et al. 2021, eq. 5";
  static constexpr bool adds_penalty = true;

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return pushed_apart(h, step, Update::loss(h, step));
  }
  /// The loss with a given weight of the wrapped update's penalty.
  template <class Step, class Weight>
    requires Weighable<Update>
  static WeightedLoss<typename Step::tensor> weighted_loss(const params& h, Step& step, const Weight& weight) {
    const auto [sum, amount] = Update::weighted_loss(h, step, weight);
    return {pushed_apart(h, step, sum), amount};
  }

 private:
  template <class Step>
  static terms<typename Step::tensor> pushed_apart(const params& h, Step& step, terms<typename Step::tensor> sum) {
    if (h.members < 2 || h.diversity == 0) return sum;
    return sum.add("critic/diversity",
                   h.diversity / double(h.members - 1) * math::likeness(step.q_action_gradient(now, step.action())));
  }
};
}  // namespace tessera
