#pragma once
#include <tessera/concepts/wants.hpp>
#include <tessera/uncertainty/measures.hpp>

namespace tessera {
/// Hyper-parameters of SoftPenalty.
struct SoftPenaltyParams {
  double weight = 1.0;

  static constexpr doc docs[] = {
      {"weight", "lambda, units of the task's reward per unit of uncertainty (MOPO: 0.5 to 5)", 0}};
};

/// The uncertainty is a penalty in the reward of an imagined transition:
///   r <- r - lambda u(s, a)
/// r and u are in the task's units, and are scaled together where the learner scales rewards.
/// Source: Yu et al. 2020 (MOPO), equation 8.
template <class Measure>
struct SoftPenalty {
  using role = role::uncertainty_penalty;
  using params = SoftPenaltyParams;
  using needs = all_of<need<dynamics, want::ensemble_of_dynamics>, need<data, want::data_with_imagined_transitions>>;
  static constexpr const char* formula = "r - lambda u(s,a)";
  static constexpr const char* source = "Yu et al. 2020, eq. 8";

  template <class Step>
  static typename Step::tensor penalize(const params& h, Step&, const Prediction<typename Step::tensor>& prediction,
                                        imagined<typename Step::tensor>& x) {
    const typename Step::tensor u = Measure::measure(prediction);
    x.reward = x.reward - h.weight * u;
    return u;
  }
};
static_assert(UncertaintyPenalty<SoftPenalty<MaxStd>>);
}  // namespace tessera
