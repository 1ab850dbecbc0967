#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// Weighted importance sampling, a mean of returns in proportion to their ratios:
///   V = sum_i rho^i_{0:T-1} G^i / sum_i rho^i_{0:T-1}
/// It lies within the range of the logged returns, is biased, and consistent.
/// Source: Precup, Sutton, Singh 2000, section 2.
struct WeightedIs {
  static constexpr const char* name = "wis";
  static constexpr const char* formula = "sum_i rho_{0:T-1} G / sum_i rho_{0:T-1}";
  static constexpr const char* source = "Precup et al. 2000, section 2";
  static constexpr bool one_step = false;
  struct params {};
  using needs = all_of<given::ratios>;

  static WeightedTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<WeightedIs>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/weighted_is.impl.hpp>
#endif
