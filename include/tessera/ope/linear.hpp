#pragma once
#include <Eigen/Core>
#include <vector>

#include <tessera/ope/log.hpp>

namespace tessera::ope {
/// Features phi(s, a), k of them, at the steps of a log, in its order.
struct LinearFeatures {
  Eigen::MatrixXd logged{};  ///< (steps, k) phi(s_t, a_t)
  /// (steps, k) E_{a ~ pi} phi(s_{t+1}, a); 0 where the task ended with the step
  Eigen::MatrixXd after{};
  Eigen::VectorXd first{};  ///< (k) the mean of E_{a ~ pi} phi(s_0, a) over first states
};

/// Throws an Error unless there is one row of finite numbers for each step.
void require_sound(const LinearFeatures& features, const EvaluationLog& log);

/// gamma^t / n of the log's steps: sums with these weights are expectations over the discounted visits of b.
Eigen::VectorXd visit_weights(const EvaluationLog& log);

/// Fitted Q evaluation with Q(s, a) = theta . phi(s, a): the fixed point of its iteration, LSTD-Q.
///   theta = ( Phi^T D (Phi - gamma Phi'_pi) + lambda I )^-1 Phi^T D r
/// D are the steps' weights, by default 1/N each; lambda is `ridge`.  The estimate is theta . first.
/// Source: Lagoudakis & Parr 2003, "Least-Squares Policy Iteration" (LSTDQ).
/// An Error where the equations are singular.
Eigen::VectorXd lstdq(const LinearFeatures& features, const EvaluationLog& log, double ridge = 0,
                      const Eigen::VectorXd& step_weights = {});

namespace detail {
/// Phi^T D (Phi - gamma Phi'_pi), (k, k).
Eigen::MatrixXd bellman_matrix(const LinearFeatures& features, double discount, const Eigen::VectorXd& step_weights);
/// The solution of (m + ridge I) x = y.
Eigen::VectorXd solved(Eigen::MatrixXd m, const Eigen::VectorXd& y, double ridge, const char* what);
}  // namespace detail
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/linear.impl.hpp>
#endif
