#pragma once
#include <Eigen/LU>
#include <string>
#include <utility>

#include <tessera/ope/linear.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE void require_sound(const LinearFeatures& features, const EvaluationLog& log) {
  require_sound(log);
  const auto steps = Eigen::Index(log.steps()), k = features.first.size();
  const auto require_shape = [&](const char* what, const Eigen::MatrixXd& x) {
    if (x.rows() == steps && x.cols() == k && k > 0) return;
    throw Error(std::string("linear features: ") + what + " is of shape (" + std::to_string(x.rows()) + ", " +
                std::to_string(x.cols()) + "), not (" + std::to_string(steps) + ", " + std::to_string(k) +
                "): a row a step, and as many features as those of the first states");
  };
  require_shape("phi(s, a)", features.logged);
  require_shape("phi(s', pi)", features.after);
  if (!features.logged.allFinite() || !features.after.allFinite() || !features.first.allFinite())
    throw Error("linear features: one is not finite; leave that episode out, or correct it");
}

TESSERA_INLINE Eigen::VectorXd visit_weights(const EvaluationLog& log) {
  Eigen::VectorXd out(Eigen::Index(log.steps()));
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    double weight = 1 / double(log.episodes());
    for (auto k = log.offsets[i]; k < log.offsets[i + 1]; ++k, weight *= log.discount) out[k] = weight;
  }
  return out;
}

TESSERA_INLINE Eigen::VectorXd lstdq(const LinearFeatures& features, const EvaluationLog& log, double ridge,
                                     const Eigen::VectorXd& step_weights) {
  require_sound(features, log);
  const auto steps = Eigen::Index(log.steps());
  if (step_weights.size() != 0 && step_weights.size() != steps)
    throw Error("LSTD-Q: " + std::to_string(step_weights.size()) + " weights for " + std::to_string(steps) +
                " steps; give one a step, or none");
  const Eigen::VectorXd d =
      step_weights.size() == 0 ? Eigen::VectorXd::Constant(steps, 1 / double(steps)) : step_weights;
  const Eigen::Map<const Eigen::VectorXd> r(log.rewards.data(), steps);
  return detail::solved(detail::bellman_matrix(features, log.discount, d),
                        features.logged.transpose() * d.cwiseProduct(r), ridge, "LSTD-Q");
}

namespace detail {
TESSERA_INLINE Eigen::MatrixXd bellman_matrix(const LinearFeatures& features, double discount,
                                              const Eigen::VectorXd& step_weights) {
  return features.logged.transpose() * step_weights.asDiagonal() * (features.logged - discount * features.after);
}

TESSERA_INLINE Eigen::VectorXd solved(Eigen::MatrixXd m, const Eigen::VectorXd& y, double ridge, const char* what) {
  if (!(ridge >= 0)) throw Error(std::string(what) + ": ridge " + std::to_string(ridge) + " is negative");
  m.diagonal().array() += ridge;
  const Eigen::FullPivLU<Eigen::MatrixXd> factors(std::move(m));
  if (!factors.isInvertible())
    throw Error(std::string(what) + ": the equations are singular, of rank " + std::to_string(factors.rank()) +
                " with " + std::to_string(y.size()) + " features; give a ridge above 0, or fewer features");
  return factors.solve(y);
}
}  // namespace detail
}  // namespace tessera::ope
