#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// The doubly robust estimator of single decisions:
///   V = (1/n) sum_i [ Vhat(s_i) + rho_i ( r_i - Qhat(s_i, a_i) ) ]
/// Source: Dudik, Langford, Li 2011, "Doubly Robust Policy Evaluation and Learning".
struct BanditDr {
  static constexpr const char* name = "bandit-dr";
  static constexpr const char* formula = "(1/n) sum_i [Vhat + rho (r - Qhat)]";
  static constexpr const char* source = "Dudik et al. 2011";
  static constexpr bool one_step = true;
  struct params {};
  using needs = all_of<given::ratios, given::values>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<BanditDr>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/bandit_dr.impl.hpp>
#endif
