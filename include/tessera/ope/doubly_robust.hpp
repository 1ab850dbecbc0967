#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// The doubly robust estimator: Qhat as a baseline of the importance ratios, without bias if either is right.
///   V = (1/n) sum_i D^i_0,   D_t = Vhat(s_t) + rho_t ( r_t + gamma D_{t+1} - Qhat(s_t, a_t) ),   D_T = Vhat(s_T)
/// with Vhat(s_T) = 0 where the episode ended, and `v_end` where it was truncated.
/// Source: Jiang & Li 2016, "Doubly Robust Off-policy Value Evaluation for Reinforcement Learning", equation 10.
struct DoublyRobust {
  static constexpr const char* name = "dr";
  static constexpr const char* formula = "(1/n) sum_i D_0, D_t = Vhat + rho_t (r_t + gamma D_{t+1} - Qhat)";
  static constexpr const char* source = "Jiang & Li 2016, equation 10";
  static constexpr bool one_step = false;
  struct params {};
  using needs = all_of<given::ratios, given::values>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<DoublyRobust>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/doubly_robust.impl.hpp>
#endif
