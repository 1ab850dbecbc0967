#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include <tessera/math/noise_schedule.hpp>

namespace tessera::math {
/// x with noise,  sqrt(kept) x + sqrt(1 - kept) eps;  x, eps (..., d); kept (..., 1), or a number.
/// Source: Ho et al. 2020 (DDPM), equation 4.
template <class T>
T noised(const T& x, const T& eps, const T& kept) {
  return kept.sqrt() * x + (1.0 - kept).sqrt() * eps;
}
template <class T>
T noised(const T& x, const T& eps, double kept) {
  return std::sqrt(kept) * x + std::sqrt(1 - kept) * eps;
}

/// The mean of x_{t-1} given x_t, where eps is what the noise in x_t is thought to be:
///   (x_t - beta_t / sqrt(1 - kept_t) eps) / sqrt(alpha_t)
/// Source: Ho et al. 2020 (DDPM), equation 11.
template <class T>
T denoised_mean(const NoiseSchedule& s, std::int64_t t, const T& x, const T& eps) {
  const double alpha = s.alpha.at(std::size_t(t)), kept = s.kept.at(std::size_t(t));
  return (x - (1 - alpha) / std::sqrt(1 - kept) * eps) * (1 / std::sqrt(alpha));
}

/// The x that is left of x_t once eps is taken out:  (x_t - sqrt(1 - kept_t) eps) / sqrt(kept_t).
template <class T>
T without_noise(const NoiseSchedule& s, std::int64_t t, const T& x, const T& eps) {
  const double kept = s.kept.at(std::size_t(t));
  return (x - std::sqrt(1 - kept) * eps) * (1 / std::sqrt(kept));
}

/// The deterministic step: from where eps leaves kept_t of x to where it leaves `kept`, which may pass over some t.
/// Source: Song et al. 2021 (DDIM), equation 12 with sigma = 0.
template <class T>
T denoised_to(double kept, const NoiseSchedule& s, std::int64_t t, const T& x, const T& eps) {
  return noised(without_noise(s, t, x, eps), eps, kept);
}

/// The t that a sampler of `count` of the T steps visits, first to last, evenly spread, T-1 among them.
inline std::vector<std::int64_t> visited_steps(std::int64_t steps, std::int64_t count) {
  if (count < 1 || count > steps) count = steps;
  std::vector<std::int64_t> t;
  for (std::int64_t i = count; i > 0; --i) t.push_back(i * steps / count - 1);
  return t;
}
}  // namespace tessera::math
