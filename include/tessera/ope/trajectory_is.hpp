#pragma once
#include <tessera/ope/estimator.hpp>
#include <tessera/ope/terms.hpp>

namespace tessera::ope {
/// Importance sampling of whole episodes:
///   V = (1/n) sum_i rho^i_{0:T-1} G^i,   G = sum_t gamma^t r_t,   rho_{0:t} = prod_{k <= t} pi(a_k|s_k) / b(a_k|s_k)
/// Without bias, where b takes every action that pi takes, and with a variance that grows exponentially in T.
/// Source: Precup, Sutton, Singh 2000, section 2 (there for one value of Q).
struct TrajectoryIs {
  static constexpr const char* name = "is";
  static constexpr const char* formula = "(1/n) sum_i rho_{0:T-1} G";
  static constexpr const char* source = "Precup et al. 2000, section 2";
  static constexpr bool one_step = false;
  struct params {};
  using needs = all_of<given::ratios>;

  static MeanTerms terms(const params& h, const EvaluationLog& log);
};
static_assert(Estimator<TrajectoryIs>);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/trajectory_is.impl.hpp>
#endif
