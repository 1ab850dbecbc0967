#include <tessera/policy/bound.hpp>

#include <cmath>

#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
constexpr double half_log_two_pi = 0.918938533204673;

/// Hands out noise, in the size that it has.
struct NoisyStep {
  using tensor = at::Tensor;
  std::int64_t dimensions;
  at::Tensor noise{};
  std::int64_t action_size() const { return dimensions; }
  at::Tensor draw(tessera::noise, std::int64_t size, const at::Tensor& like) const {
    REQUIRE(noise.defined());
    CHECK(noise.size(0) == like.size(0));
    CHECK(noise.size(1) == size);
    return noise;
  }
};
}  // namespace

TEST_CASE("K actions of a state stand together, in the order of their noise", "[policy]") {
  const GaussianParams h;
  // Two states with means (0, 1/2) and (1/2, 0), deviations (1, 1/10); two actions each, whose noise is one row.
  NoisyStep step{2, matrix(2, 4, {0.1, 1, 0.2, 2, -0.3, 3, -0.4, 4})};
  const bound_policy<GaussianPolicy, NoisyStep> pi(
      h, {matrix(2, 2, {0, std::atanh(0.5), std::atanh(0.5), 0}), row({0, std::log(0.1)})}, step);
  const auto by_hand = row({0.1, 0.6, 0.2, 0.7, 0.2, 0.3, 0.1, 0.4}).view({2, 2, 2});
  CHECK(close(pi.samples(2), by_hand));
  const auto [actions, log_prob] = pi.samples_with_log_prob(2);
  CHECK(close(actions, by_hand));
  // -|z|^2 / 2 - log .1 - log 2 pi
  CHECK(close(log_prob, matrix(2, 2, {-0.505, -2.02, -4.545, -8.08}) - std::log(0.1) - 2 * half_log_two_pi));
}

TEST_CASE("one action of a state", "[policy]") {
  const GaussianParams h;
  NoisyStep step{1, matrix(2, 1, {0.25, -0.25})};
  const bound_policy<TanhGaussianPolicy, NoisyStep> pi(h, {matrix(2, 2, {0.5, std::log(2.0), 0.5, 0}), {}}, step);
  CHECK(close(pi.sample(), matrix(2, 1, {std::tanh(1.0), std::tanh(0.25)})));
  CHECK(close(pi.samples(1), pi.sample().view({2, 1, 1})));
  CHECK(close(pi.mode(), matrix(2, 1, {std::tanh(0.5), std::tanh(0.5)})));
}

TEST_CASE("a deterministic policy repeats its action, and draws nothing", "[policy]") {
  const DeterministicPolicy::params h;
  NoisyStep step{2};
  const bound_policy<DeterministicPolicy, NoisyStep> pi(
      h, {matrix(2, 2, {0, std::atanh(0.5), std::atanh(-0.5), 0}), {}}, step);
  CHECK(close(pi.samples(2), row({0, 0.5, 0, 0.5, -0.5, 0, -0.5, 0}).view({2, 2, 2})));
}
