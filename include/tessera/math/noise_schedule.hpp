#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/error.hpp>

namespace tessera::math {
/// How a diffusion turns an action into noise in T steps, t = 0 .. T-1:
///   x_t = sqrt(kept_t) x + sqrt(1 - kept_t) eps,   eps ~ N(0, I)
/// `alpha[t]` is what step t keeps of the variance, beta_t = 1 - alpha_t, and `kept[t]` = alpha_0 ... alpha_t what is
/// left of it after step t (the literature's alpha-bar).
struct NoiseSchedule {
  std::vector<double> alpha, kept;

  std::int64_t steps() const { return std::int64_t(alpha.size()); }
  double beta(std::int64_t t) const { return 1 - alpha.at(std::size_t(t)); }
  /// What is left before step t: 1 at the first.
  double kept_before(std::int64_t t) const { return t > 0 ? kept.at(std::size_t(t) - 1) : 1.0; }
  /// The variance of x_{t-1} given x_t and x:  beta_t (1 - kept_{t-1}) / (1 - kept_t).
  /// Source: Ho et al. 2020 (DDPM), equation 7.
  double posterior_variance(std::int64_t t) const {
    return beta(t) * (1 - kept_before(t)) / (1 - kept.at(std::size_t(t)));
  }
  /// One of these alphas.
  static NoiseSchedule of(std::vector<double> alpha) {
    NoiseSchedule s{std::move(alpha), {}};
    double product = 1;
    for (const double a : s.alpha) s.kept.push_back(product *= a);
    return s;
  }
};

namespace detail {
inline void require_steps(std::int64_t steps) {
  if (steps < 1) throw Error("a diffusion of " + std::to_string(steps) + " steps; give at least 1");
}
}  // namespace detail

/// Variance preserving, for few steps:  alpha_t = exp(-b_min / T - (b_max - b_min) (2 t - 1) / (2 T^2)),  t = 1 .. T.
/// Source: Xiao et al. 2022 (denoising diffusion GANs), appendix; as in Hansen-Estruch et al. 2023 (IDQL), T = 5.
inline NoiseSchedule variance_preserving(std::int64_t steps, double b_min = 0.1, double b_max = 10) {
  detail::require_steps(steps);
  std::vector<double> alpha;
  const double n = double(steps);
  for (std::int64_t t = 1; t <= steps; ++t)
    alpha.push_back(std::exp(-b_min / n - 0.5 * (b_max - b_min) * double(2 * t - 1) / (n * n)));
  return NoiseSchedule::of(std::move(alpha));
}

/// Cosine:  kept_t = f(t + 1) / f(0),  f(u) = cos^2(pi/2 (u / T + s) / (1 + s)), with beta_t at most 0.999.
/// Source: Nichol, Dhariwal 2021, equation 17; s = 0.008.
inline NoiseSchedule cosine_schedule(std::int64_t steps, double s = 0.008) {
  detail::require_steps(steps);
  const auto f = [&](std::int64_t u) {
    const double c = std::cos(std::numbers::pi / 2 * (double(u) / double(steps) + s) / (1 + s));
    return c * c;
  };
  std::vector<double> alpha;
  for (std::int64_t t = 0; t < steps; ++t) alpha.push_back(1 - std::clamp(1 - f(t + 1) / f(t), 0.0, 0.999));
  return NoiseSchedule::of(std::move(alpha));
}
}  // namespace tessera::math
