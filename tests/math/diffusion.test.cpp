#include <tessera/math/diffusion.hpp>

#include <cmath>
#include <vector>

#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera::math;

TEST_CASE("noise is added so that the variance is kept", "[math]") {
  CHECK(close(noised(row({2, 0}), row({0, 3}), 0.25), row({1, 3 * std::sqrt(0.75)})));
  // One share for each row.
  CHECK(close(noised(matrix(2, 1, {2, 2}), matrix(2, 1, {4, 4}), matrix(2, 1, {0.25, 0.64})),
              matrix(2, 1, {1 + 4 * std::sqrt(0.75), 1.6 + 2.4})));
}

TEST_CASE("the mean of the step back is the posterior's, where the noise is known", "[math]") {
  const auto s = variance_preserving(5);
  const auto x = row({0.3, -0.8}), eps = row({1.2, -0.4});
  for (std::int64_t t = 0; t < 5; ++t) {
    const double kept = s.kept[std::size_t(t)], before = s.kept_before(t), alpha = s.alpha[std::size_t(t)];
    const auto x_t = noised(x, eps, kept);
    // Ho et al. 2020, equation 7: from x and x_t in place of the noise.
    const auto mean = (std::sqrt(before) * s.beta(t) * x + std::sqrt(alpha) * (1 - before) * x_t) / (1 - kept);
    CHECK(close(denoised_mean(s, t, x_t, eps), mean));
    CHECK(close(without_noise(s, t, x_t, eps), x));
  }
  // By hand: alpha 3/4 and 1/3, so kept 1/4 at t = 1: (2 - 2/3 / sqrt(3/4) 1) sqrt 3
  CHECK(close(denoised_mean(NoiseSchedule::of({0.75, 1.0 / 3}), 1, row({2}), row({1})),
              row({2 * std::sqrt(3.0) - 4.0 / 3})));
}

TEST_CASE("the deterministic steps lead from noise to what it is the noise of, whatever they pass over", "[math]") {
  const auto s = cosine_schedule(20);
  const auto clean = row({0.3, -0.8}), eps = row({1.2, -0.4});
  for (const std::int64_t count : {1, 3, 20}) {
    const auto visited = visited_steps(20, count);
    auto x = noised(clean, eps, s.kept.back());
    for (std::size_t i = 0; i < visited.size(); ++i) {
      const double kept = i + 1 < visited.size() ? s.kept[std::size_t(visited[i + 1])] : 1.0;
      x = denoised_to(kept, s, visited[i], x, eps);
      CHECK(close(x, noised(clean, eps, kept)));
    }
    CHECK(close(x, clean));
  }
}

TEST_CASE("a sampler of fewer steps begins at the last and spreads evenly", "[math]") {
  CHECK(visited_steps(5, 0) == std::vector<std::int64_t>{4, 3, 2, 1, 0});
  CHECK(visited_steps(5, 9) == std::vector<std::int64_t>{4, 3, 2, 1, 0});
  CHECK(visited_steps(100, 4) == std::vector<std::int64_t>{99, 74, 49, 24});
  CHECK(visited_steps(5, 2) == std::vector<std::int64_t>{4, 1});
}
