#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// The weighted doubly robust estimator: the ratios of one time are divided by their sum.
///   V = sum_i sum_t gamma^t ( w^i_t ( r^i_t - Qhat(s^i_t, a^i_t) ) + w^i_{t-1} Vhat(s^i_t) ),
///   w^i_t = rho^i_{0:t} / sum_j rho^j_{0:t},   w^i_{-1} = 1/n
/// An episode that is over keeps its last ratio (StepwiseTerms); one that was truncated after T steps has a last term
/// gamma^T w_{T-1} Vhat(s_T).
/// Source: Thomas & Brunskill 2016, "Data-Efficient Off-Policy Policy Evaluation for Reinforcement Learning" (WDR).
struct WeightedDoublyRobust {
  static constexpr const char* name = "wdr";
  static constexpr const char* formula = "sum_i sum_t gamma^t (w_t (r_t - Qhat) + w_{t-1} Vhat)";
  static constexpr const char* source = "Thomas & Brunskill 2016";
  static constexpr bool one_step = false;
  struct params {};
  using needs = all_of<given::ratios, given::values>;

  static StepwiseTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<WeightedDoublyRobust>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/weighted_doubly_robust.impl.hpp>
#endif
