#include <tessera/tabular/distribution.hpp>

#include <cmath>

#include "support.hpp"

using namespace tessera::tabular;
using namespace support;

namespace {
const Row b = (Row(3) << 0.5, 0.3, 0.2).finished();
const Row q = (Row(3) << 1, 2, 0.5).finished();

void check(const Row& pi, double first, double second, double third) {
  CHECK(pi[0] == Approx(first).margin(1e-6));
  CHECK(pi[1] == Approx(second).margin(1e-6));
  CHECK(pi[2] == Approx(third).margin(1e-6));
}
/// The middles of `count` equal parts of [0, 1], and their probabilities.
std::pair<Row, Row> uniform(Eigen::Index count) {
  Row at(count);
  for (Eigen::Index i = 0; i < count; ++i) at[i] = (double(i) + 0.5) / double(count);
  return {at, Row::Constant(count, 1 / double(count))};
}
}  // namespace

TEST_CASE("expectiles of the uniform distribution", "[tabular][distribution]") {
  const auto [at, p] = uniform(100'000);
  const double expected[][2] = {{0.5, 0.5}, {0.7, 0.604356}, {0.8, 0.666667}, {0.9, 0.75}, {0.95, 0.813395}};
  for (const auto& [tau, value] : expected) {
    CHECK(expectile(at, p, tau) == Approx(value).epsilon(1e-5));
    CHECK(expectile(at, p, tau) == Approx(std::sqrt(tau) / (std::sqrt(tau) + std::sqrt(1 - tau))).epsilon(1e-6));
  }
  for (const double tau : {0.1, 0.5, 0.9}) CHECK(quantile(at, p, tau) == Approx(tau).epsilon(1e-4));
}

TEST_CASE("expectile and quantile of few values", "[tabular][distribution]") {
  const Row ends = (Row(2) << 0, 1).finished(), half = Row::Constant(2, 0.5);
  for (const double tau : {0.1, 0.37, 0.5, 0.99}) CHECK(expectile(ends, half, tau) == Approx(tau));
  CHECK(expectile(q, b, 0.5) == Approx(1.2));
  CHECK(expectile(q, b, 0.7) == Approx(1.428571).epsilon(1e-6));
  CHECK(expectile(q, b, 0.9) == Approx(1.764706).epsilon(1e-6));
  CHECK(expectile(q, b, 0.99) == Approx(1.973684).epsilon(1e-6));
  // A value without probability does not count.
  const Row without = (Row(3) << 0.5, 0.5, 0).finished(), far = (Row(3) << 0, 1, 1e9).finished();
  CHECK(expectile(far, without, 0.7) == Approx(0.7));
  CHECK(greatest(far, without) == 1);
  CHECK(mean(far, without) == 0.5);
  CHECK(quantile(q, b, 0.2) == 0.5);
  CHECK(quantile(q, b, 0.21) == 1);
  CHECK(quantile(q, b, 0.7) == 1);
  CHECK(quantile(q, b, 0.71) == 2);
  CHECK(expectile(Row::Constant(1, 3.0), Row::Ones(1), 0.9) == 3);
  CHECK_THROWS_WITH(expectile(q, b, 1), Catch::Contains("tau is 1"));
  CHECK_THROWS_WITH(expectile(q, Row::Zero(3), 0.5), Catch::Contains("every probability is 0"));
}

TEST_CASE("the policy of greatest value for its KL", "[tabular][distribution]") {
  struct {
    double alpha, pi[3], kl, mean, value;
  } const expected[] = {{0.5, {0.179193, 0.794439, 0.026369}, 0.536363, 1.781255, 1.513073},
                        {1, {0.347998, 0.567574, 0.084429}, 0.162947, 1.525359, 1.362412},
                        {5, {0.477378, 0.349842, 0.172780}, 0.006391, 1.263454, 1.231499}};
  for (const auto& e : expected) {
    const Row pi = kl_policy(q, b, e.alpha);
    check(pi, e.pi[0], e.pi[1], e.pi[2]);
    CHECK(kl_divergence(pi, b) == Approx(e.kl).margin(1e-6));
    CHECK(pi.dot(q) == Approx(e.mean).margin(1e-6));
    CHECK(kl_value(q, b, e.alpha) == Approx(e.value).margin(1e-6));
    CHECK(pi.dot(q) - e.alpha * kl_divergence(pi, b) == Approx(kl_value(q, b, e.alpha)).epsilon(1e-14));
  }
  const double alpha = alpha_for_kl(q, b, 0.1);
  CHECK(alpha == Approx(1.283879).epsilon(1e-6));
  check(kl_policy(q, b, alpha), 0.387837, 0.507070, 0.105093);
}

TEST_CASE("the limits of the KL-regularized value", "[tabular][distribution]") {
  CHECK(kl_value(q, b, 1e9) == Approx(1.2));
  CHECK(kl_value(q, b, 1e-9) == Approx(2));
  check(kl_policy(q, b, 1e-9), 0, 1, 0);
  CHECK(kl_value(Row(q.array() + 1e6), b, 1e-3) == Approx(1e6 + kl_value(q, b, 1e-3)));  // shifts do not overflow
  const Row absent = (Row(3) << 0.5, 0, 0.5).finished();
  CHECK(kl_policy(q, absent, 1)[1] == 0);
  CHECK(std::isinf(kl_divergence(b, absent)));
  // -log .3 is all that can be spent, and equal values spend nothing.
  check(kl_policy(q, b, alpha_for_kl(q, b, 2)), 0, 1, 0);
  CHECK(alpha_for_kl(Row::Ones(3), b, 0.1) == 1);
  CHECK_THROWS_WITH(kl_value(q, b, 0), Catch::Contains("alpha is 0"));
  CHECK_THROWS_WITH(alpha_for_kl(q, b, -1), Catch::Contains("budget"));
}

TEST_CASE("the Gumbel loss's value of the uniform distribution", "[tabular][distribution]") {
  const auto [at, p] = uniform(100'000);
  const double expected[][2] = {{0.5, 0.580720}, {1, 0.541325}, {2, 0.520790}};
  for (const auto& [alpha, value] : expected) {
    CHECK(kl_value(at, p, alpha) == Approx(value).epsilon(1e-6));
    CHECK(kl_value(at, p, alpha) == Approx(alpha * std::log(alpha * (std::exp(1 / alpha) - 1))).epsilon(1e-8));
  }
}

TEST_CASE("the value of sparse Q-learning", "[tabular][distribution]") {
  CHECK(sparse_value(q, b, 0.1) == Approx(1.533333).epsilon(1e-6));
  for (const double alpha : {0.5, 1.0, 5.0}) CHECK(sparse_value(q, b, alpha) == Approx(1.2));
  // By substitution, on random values.
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    tessera::Random random(seed);
    const auto p = random_distribution(random, 6);
    const Row weight = Eigen::Map<const Row>(p.data(), 6);
    Row value(6);
    for (auto& x : value) x = random.uniform(-2, 2);
    const double alpha = std::exp(random.uniform(-4, 2)), v = sparse_value(value, weight, alpha);
    CHECK(weight.dot(((1 + (value.array() - v) / (2 * alpha)).max(0)).matrix()) == Approx(1).epsilon(1e-10));
  }
}

TEST_CASE("the policy of greatest value for its forward KL", "[tabular][distribution]") {
  // Two actions of equal chance, q = (0, 1), alpha 1:  1 / (2 nu) + 1 / (2 (nu - 1)) = 1  gives nu = 1 + 1 / sqrt 2.
  const Row ends = (Row(2) << 0, 1).finished(), half = Row::Constant(2, 0.5);
  const double nu = 1 + 1 / std::sqrt(2.0);
  const Row pi = forward_kl_policy(ends, half, 1);
  CHECK(pi[0] == Approx(0.5 / nu));
  CHECK(pi[1] == Approx(0.5 / (nu - 1)));
  // Nothing near it has a greater E_pi[q] - alpha KL(b || pi).
  const auto worth = [&](const Row& p, double alpha) { return p.dot(q) - alpha * kl_divergence(b, p); };
  for (const double alpha : {0.05, 0.5, 5.0}) {
    const Row best = forward_kl_policy(q, b, alpha);
    CHECK(best.sum() == Approx(1));
    tessera::Random random(3);
    for (int i = 0; i < 200; ++i) {
      const auto p = random_distribution(random, 3);
      const Row other = 0.9 * best + 0.1 * Eigen::Map<const Row>(p.data(), 3);
      CHECK(worth(other, alpha) <= worth(best, alpha) + 1e-12);
    }
  }
  CHECK(forward_kl_policy(q, b, 1e9).isApprox(b, 1e-6));
  CHECK(forward_kl_policy(q, b, 1e-9)[1] == Approx(1));
}
