#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// Self-normalized inverse propensity scores, of single decisions:
///   V = sum_i rho_i r_i / sum_i rho_i
/// Source: Swaminathan & Joachims 2015, "The Self-Normalized Estimator for Counterfactual Learning".
struct Snips {
  static constexpr const char* name = "snips";
  static constexpr const char* formula = "sum_i rho r / sum_i rho";
  static constexpr const char* source = "Swaminathan & Joachims 2015";
  static constexpr bool one_step = true;
  struct params {};
  using needs = all_of<given::ratios>;

  static WeightedTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<Snips>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/snips.impl.hpp>
#endif
