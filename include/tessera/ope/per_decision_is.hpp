#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// Per-decision importance sampling: a reward is weighted by the ratios up to it, and not by those of later steps.
///   V = (1/n) sum_i sum_t gamma^t rho^i_{0:t} r^i_t
/// Without bias, with less variance than TrajectoryIs.
/// Source: Precup, Sutton, Singh 2000, section 3.
struct PerDecisionIs {
  static constexpr const char* name = "pdis";
  static constexpr const char* formula = "(1/n) sum_i sum_t gamma^t rho_{0:t} r_t";
  static constexpr const char* source = "Precup et al. 2000, section 3";
  static constexpr bool one_step = false;
  struct params {};
  using needs = all_of<given::ratios>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<PerDecisionIs>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/per_decision_is.impl.hpp>
#endif
