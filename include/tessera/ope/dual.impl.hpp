#pragma once
#include <Eigen/LU>
#include <string>
#include <utility>

#include <tessera/ope/dual.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
namespace detail {
inline LinearRatio linear_ratio(const LinearFeatures& features, Eigen::VectorXd coefficients) {
  const Eigen::VectorXd w = features.logged * coefficients;
  return {std::move(coefficients), std::vector<double>(w.data(), w.data() + w.size())};
}
}  // namespace detail

TESSERA_INLINE LinearRatio minimax_weights(const LinearFeatures& features, const EvaluationLog& log, double ridge) {
  require_sound(features, log);
  const auto a = detail::bellman_matrix(features, log.discount, visit_weights(log));
  return detail::linear_ratio(features,
                              detail::solved(a.transpose(), features.first, ridge, "minimax weight learning"));
}

TESSERA_INLINE LinearRatio dual_dice(const LinearFeatures& features, const EvaluationLog& log, double ridge) {
  require_sound(features, log);
  const auto d = visit_weights(log);
  const auto a = detail::bellman_matrix(features, log.discount, d);
  const Eigen::FullPivLU<Eigen::MatrixXd> g(features.logged.transpose() * d.asDiagonal() * features.logged);
  if (!g.isInvertible())
    throw Error("DualDICE: the features are linearly dependent on the log: their rank is " + std::to_string(g.rank()) +
                " of " + std::to_string(features.first.size()) + "; give fewer");
  const Eigen::MatrixXd g_inverse_a = g.solve(a);
  const auto theta = detail::solved(a.transpose() * g_inverse_a, features.first, ridge, "DualDICE");
  return detail::linear_ratio(features, g_inverse_a * theta);
}
}  // namespace tessera::ope
