#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// Weighted per-decision importance sampling:
///   V = sum_t gamma^t ( sum_i rho^i_{0:t} r^i_t ) / ( sum_i rho^i_{0:t} )
/// where an episode that is over keeps its last ratio, with rewards of 0 (StepwiseTerms).
/// Source: Precup, Sutton, Singh 2000, section 3; in this form Thomas 2015, "Safe Reinforcement Learning", section 3.10
/// (consistent weighted per-decision importance sampling).
struct WeightedPerDecisionIs {
  static constexpr const char* name = "wpdis";
  static constexpr const char* formula = "sum_t gamma^t sum_i rho_{0:t} r_t / sum_i rho_{0:t}";
  static constexpr const char* source = "Thomas 2015, section 3.10";
  static constexpr bool one_step = false;
  struct params {};
  using needs = all_of<given::ratios>;

  static StepwiseTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<WeightedPerDecisionIs>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/weighted_per_decision_is.impl.hpp>
#endif
