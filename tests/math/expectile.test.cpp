#include <tessera/math/expectile.hpp>

#include <cmath>
#include <utility>

#include "helpers/tensors.hpp"

using namespace support;

namespace {
/// q uniform on (0, 1), as the midpoints of n equal cells.
at::Tensor uniform(std::int64_t n = 100000) { return (at::arange(n, at::kDouble) + 0.5) / double(n); }
/// Q = (1, 2, .5) with probabilities (.5, .3, .2).
at::Tensor three_points() { return row({1, 1, 1, 1, 1, 2, 2, 2, 0.5, 0.5}); }

template <class Loss>
double slope_at(Loss loss, const at::Tensor& q, double v, double tau) {
  const auto x = leaf(row({v}));
  loss(at::Tensor(q - x), tau).mean().backward();
  return number(x.grad());
}
/// The minimizer of E loss(q - v) on the grid 0, 1/10000, ..., 2.
template <class Loss>
double min_point(Loss loss, const at::Tensor& q, double tau) {
  const auto v = at::linspace(0, 2, 20001, at::kDouble);  // few points of q, or this is large
  const auto u = q.unsqueeze(0) - v.unsqueeze(1);
  return number(v[loss(u, tau).mean(1).argmin()]);
}
const auto by_expectile = [](const at::Tensor& u, double tau) { return tessera::math::expectile(u, tau); };
const auto by_quantile = [](const at::Tensor& u, double tau) { return tessera::math::quantile(u, tau); };
}  // namespace

TEST_CASE("expectile and quantile losses, computed by hand", "[math]") {
  const auto u = row({2, -2, 0});
  CHECK(close(by_expectile(u, 0.7), row({2.8, 1.2, 0})));  // .7 * 4, .3 * 4
  CHECK(close(by_quantile(u, 0.7), row({1.4, 0.6, 0})));   // .7 * 2, .3 * 2
  const auto x = leaf(u);
  by_expectile(x, 0.9).sum().backward();
  CHECK(close(x.grad(), row({3.6, -0.4, 0})));  // 2 |tau - 1[u < 0]| u
}

TEST_CASE("the expectile of a uniform variable has a closed form", "[math]") {
  for (double tau : {0.5, 0.7, 0.8, 0.9, 0.95}) {
    const double v = std::sqrt(tau) / (std::sqrt(tau) + std::sqrt(1 - tau));
    CHECK(slope_at(by_expectile, uniform(), v, tau) == Approx(0).margin(1e-8));
    CHECK(slope_at(by_expectile, uniform(), v + 0.01, tau) > 1e-3);
    CHECK(slope_at(by_expectile, uniform(), v - 0.01, tau) < -1e-3);
  }
}

TEST_CASE("the expectile of a discrete variable", "[math]") {
  // The root of tau E (q - v)+ = (1 - tau) E (v - q)+, which lies between 1 and 2:
  //   tau .3 (2 - v) = (1 - tau) (.5 (v - 1) + .2 (v - .5))
  for (double tau : {0.7, 0.9, 0.99}) {
    const double v = (0.6 * tau + 0.6 * (1 - tau)) / (0.3 * tau + 0.7 * (1 - tau));
    CHECK(min_point(by_expectile, three_points(), tau) == Approx(v).margin(1e-4));
  }
  CHECK(min_point(by_expectile, three_points(), 0.7) == Approx(1.428571).margin(1e-4));
  CHECK(min_point(by_expectile, three_points(), 0.9) == Approx(1.764706).margin(1e-4));
  CHECK(min_point(by_expectile, three_points(), 0.99) == Approx(1.973684).margin(1e-4));
  CHECK(min_point(by_expectile, three_points(), 0.5) == Approx(1.2).margin(1e-4));  // the mean
  CHECK(min_point(by_expectile, row({0, 1}), 0.8) == Approx(0.8).margin(1e-4));     // of two points: tau
}

TEST_CASE("the quantile of a uniform and of a discrete variable", "[math]") {
  for (double tau : {0.1, 0.5, 0.9}) {
    CHECK(slope_at(by_quantile, uniform(), tau, tau) == Approx(0).margin(1e-4));
    CHECK(min_point(by_quantile, uniform(100), tau) == Approx(tau).margin(2e-2));
  }
  // Cumulative: .2 at .5, .7 at 1, 1 at 2.
  CHECK(min_point(by_quantile, three_points(), 0.1) == Approx(0.5).margin(1e-4));
  CHECK(min_point(by_quantile, three_points(), 0.6) == Approx(1).margin(1e-4));
  CHECK(min_point(by_quantile, three_points(), 0.9) == Approx(2).margin(1e-4));
  // Of {0, 1} every point between is a median.
  const auto loss = [](double v) { return number(tessera::math::quantile(at::Tensor(row({0, 1}) - v), 0.5).mean()); };
  CHECK(loss(0.1) == Approx(0.25));
  CHECK(loss(0.9) == Approx(0.25));
  CHECK(loss(1.1) > 0.26);
}

TEST_CASE("the Gumbel loss is least at the soft maximum", "[math]") {
  const auto u = row({0, 1, -1});
  CHECK(close(tessera::math::gumbel(u, 1, 5), row({0, std::exp(1.0) - 2, std::exp(-1.0)})));
  // Of q uniform on (0, 1):  beta log(beta (e^{1/beta} - 1))
  for (auto [beta, v] : {std::pair{0.5, 0.580720}, {1.0, 0.541325}, {2.0, 0.520790}}) {
    const auto slope = [beta = beta](double at) {
      const auto x = leaf(row({at}));
      tessera::math::gumbel_loss(at::Tensor(uniform()), at::Tensor(x.expand({100000})), beta).backward();
      return number(x.grad());
    };
    CHECK(slope(v) == Approx(0).margin(1e-5));
    CHECK(slope(v + 0.01) > 1e-3);
    CHECK(slope(v - 0.01) < -1e-3);
  }
  // Beyond the bound the loss stands still, and stays finite.
  const auto far = leaf(row({-1000}));
  const auto loss = tessera::math::gumbel_loss(row({0}), at::Tensor(far), 1.0, 5.0);
  CHECK(number(loss) == Approx(std::exp(5.0) - 6));
  loss.backward();
  CHECK(number(far.grad()) == 0);
}
