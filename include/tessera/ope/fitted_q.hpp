#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// The direct method: what a Qhat that was fitted to the policy says of the first states.
///   V = (1/n) sum_i Vhat(s^i_0),   Vhat(s) = E_{a ~ pi} Qhat(s, a)
/// Its interval is that of a mean over first states: the error of Qhat itself is not in it.
/// Source: Le, Voloshin, Yue 2019, "Batch Policy Learning under Constraints", algorithm 3.
struct FittedQ {
  static constexpr const char* name = "fqe";
  static constexpr const char* formula = "(1/n) sum_i Vhat(s_0)";
  static constexpr const char* source = "Le et al. 2019, algorithm 3";
  static constexpr bool one_step = false;
  struct params {};
  using needs = all_of<given::values>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<FittedQ>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/fitted_q.impl.hpp>
#endif
