#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// The doubly robust estimator of single decisions, which leaves the correction out where the ratio is large:
///   V = (1/n) sum_i [ Vhat(s_i) + rho_i 1(rho_i <= tau) ( r_i - Qhat(s_i, a_i) ) ]
/// Source: Wang, Agarwal, Dudik 2017, "Optimal and Adaptive Off-policy Evaluation in Contextual Bandits" (SWITCH-DR).
struct SwitchDr {
  static constexpr const char* name = "switch-dr";
  static constexpr const char* formula = "(1/n) sum_i [Vhat + rho 1(rho <= tau) (r - Qhat)]";
  static constexpr const char* source = "Wang et al. 2017";
  static constexpr bool one_step = true;
  struct params {
    double threshold = 10;

    static constexpr doc docs[] = {
        {"threshold", "tau, the largest ratio at which the estimate is corrected (the paper chooses it by the data)",
         0}};
  };
  using needs = all_of<given::ratios, given::values>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<SwitchDr>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/switch_dr.impl.hpp>
#endif
