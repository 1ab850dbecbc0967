#pragma once
#include <Eigen/Core>
#include <vector>

#include <tessera/ope/linear.hpp>

namespace tessera::ope {
/// The ratio of visits w(s, a) = d_pi(s, a) / d_b(s, a) as a linear function of features, and its values at the steps
/// of the log, for EvaluationLog::weight.
struct LinearRatio {
  Eigen::VectorXd coefficients{};
  std::vector<double> weight{};
};

/// Minimax weight learning with linear w and f: w = alpha . phi such that for every f = beta . phi
///   E_{d_b} [ w(s, a) ( f(s, a) - gamma f(s', pi) ) ] = E f(s_0, pi),
/// that is, with A = Phi^T D (Phi - gamma Phi'_pi) and D of `visit_weights`,
///   ( A^T + lambda I ) alpha = phi_0
/// The estimate with these weights is LSTD-Q's with the same D.
/// Source: Uehara, Huang, Jiang 2020, "Minimax Weight and Q-Function Learning for Off-Policy Evaluation" (MWL).
LinearRatio minimax_weights(const LinearFeatures& features, const EvaluationLog& log, double ridge = 0);

/// DualDICE with f(x) = x^2 / 2, and nu and its dual zeta linear in the features:
///   min_nu max_zeta  E_{d_b}[ zeta(s, a) ( nu(s, a) - gamma nu(s', pi) ) - zeta(s, a)^2 / 2 ] - E nu(s_0, pi)
/// which is convex and quadratic in nu = theta . phi once zeta = beta . phi is solved for:
///   ( A^T G^-1 A + lambda I ) theta = phi_0,   G = Phi^T D Phi,   w = zeta = (G^-1 A theta) . phi
/// Where A is invertible and lambda is 0, w is that of `minimax_weights`; a ridge acts otherwise, since it holds nu
/// small and not w.
/// Source: Nachum, Chow, Dai, Li 2019, "DualDICE", the quadratic f and its saddle point.
LinearRatio dual_dice(const LinearFeatures& features, const EvaluationLog& log, double ridge = 0);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/dual.impl.hpp>
#endif
