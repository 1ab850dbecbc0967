#include <tessera/math/bounded_normal.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace support;
using tessera::math::bounded_normal;
using tessera::math::plain::bounded_normal_nll;

namespace {
double softplus(double x) { return std::log1p(std::exp(x)); }
}  // namespace

TEST_CASE("bounds of a log-variance are soft, and kept", "[math]") {
  const auto low = row({-10}), high = row({0.5});
  const auto at_raw = [&](double g) { return number(bounded_normal(matrix(1, 2, {3, g}), low, high).log_variance); };
  CHECK(number(bounded_normal(matrix(1, 2, {3, 0}), low, high).mean) == 3);
  const double l = 0.5 - softplus(0.5 + 2);
  CHECK(at_raw(-2) == Approx(-10 + softplus(l + 10)));
  CHECK(at_raw(1000) == Approx(0.5).margin(1e-4));
  CHECK(at_raw(-1000) == Approx(-10));
  CHECK(at_raw(-4) == Approx(-4).margin(0.02));  // far from both it is the network's own
}

TEST_CASE("Gaussian log-likelihood and its gradient, computed by hand", "[math]") {
  // Bounds so far away that l = g: two members, one row, D = 2.
  const auto low = leaf(row({-200, -200})), high = leaf(row({200, 200}));
  const double g = std::log(4.0);
  const auto out = leaf(row({1, 2, 0, g, 0, 0, 0, 0}).view({2, 1, 4}));
  const auto y = row({0, 5, 1, 0}).view({2, 1, 2});
  // Member 1: (1 + 0 + 9/4 + log 4) / 2; member 2: (1 + 0) / 2.
  const auto loss = bounded_normal_nll(out, low, high, y, 0);
  CHECK(number(loss) == Approx((1 + 2.25 + g) / 2 + 0.5));
  // -2 log N(y; mu, sigma^2) = (y-mu)^2/sigma^2 + log sigma^2 + log 2 pi, so the loss is that, averaged over
  // dimensions, less log 2 pi.
  const auto log_density = [](double x, double mu, double variance) {
    return -0.5 * (x - mu) * (x - mu) / variance - 0.5 * std::log(2 * M_PI * variance);
  };
  CHECK(number(loss) == Approx(-log_density(0, 1, 1) - log_density(5, 2, 4) - log_density(1, 0, 1) -
                               log_density(0, 0, 1) - 2 * std::log(2 * M_PI)));
  loss.backward();
  // d/dmu = 2 (mu - y) / sigma^2 / D,  d/dl = (1 - (mu - y)^2 / sigma^2) / D.
  CHECK(close(out.grad(), row({1, -0.75, 0, (1 - 2.25) / 2, -1, 0, 0, 0.5}).view({2, 1, 4})));
}

TEST_CASE("the gradients of the likelihood are its differences, bounds included", "[math]") {
  const auto out = leaf(row({0.3, -0.4, 0.2, -1.5, -0.1, 0.8, 0.6, 1.2}).view({1, 2, 4}));
  const auto low = leaf(row({-2, -1})), high = leaf(row({0.5, 0.7}));
  const auto y = row({0, 0.1, -0.7, 0.5}).view({1, 2, 2});
  bounded_normal_nll(out, low, high, y, 0).backward();
  for (const auto& x : {out, low, high})
    for (std::int64_t i = 0; i < x.numel(); ++i) {
      at::NoGradGuard guard;
      const double before = x.view(-1)[i].item<double>(), h = 1e-5;
      x.view(-1)[i] = before + h;
      const double above = number(bounded_normal_nll(out, low, high, y, 0));
      x.view(-1)[i] = before - h;
      const double below = number(bounded_normal_nll(out, low, high, y, 0));
      x.view(-1)[i] = before;
      CHECK(x.grad().view(-1)[i].item<double>() == Approx((above - below) / (2 * h)).epsilon(1e-6).margin(1e-9));
    }
}

TEST_CASE("weights of the likelihood are variances without gradient", "[math]") {
  const auto low = row({-200}), high = row({200}), y = row({3}).view({1, 1, 1});
  const auto out = leaf(row({1, std::log(4.0)}).view({1, 1, 2}));  // (mu - y)^2 / sigma^2 = 1
  const auto half = bounded_normal_nll(out, low, high, y, 0.5);
  CHECK(number(half) == Approx(2 * (1 + std::log(4.0))));
  half.backward();
  CHECK(close(out.grad(),
              row({2 * -1, 0}).view({1, 1, 2})));  // sigma times 2 (mu - y) / sigma^2; nothing through the weight
  out.mutable_grad().zero_();
  bounded_normal_nll(out, low, high, y, 1).backward();
  CHECK(close(out.grad(), row({-4, 0}).view({1, 1, 2})));  // that of (mu - y)^2
}

TEST_CASE("what has no weight in the likelihood is not learned from", "[math]") {
  const auto low = row({-200, -200}), high = row({200, 200});
  const auto out = leaf(row({1, 2, 0, 0, /**/ 3, 4, 0, 0}).view({1, 2, 4}));
  const auto y = row({0, 0, 0, 0}).view({1, 2, 2}), weight = row({2, 1, 0, 1}).view({1, 2, 2});
  // (2 * 1 + 4 + 0 + 16) / 4
  const auto loss = bounded_normal_nll(out, low, high, y, weight, 0.0);
  CHECK(number(loss) == Approx(22.0 / 4));
  loss.backward();
  CHECK(close(out.grad().narrow(2, 0, 2), row({4.0 / 4, 4.0 / 4, 0, 8.0 / 4}).view({1, 2, 2})));
  CHECK(close(out.grad().narrow(2, 2, 2), row({2 * (1.0 - 1) / 4, (1.0 - 4) / 4, 0, (1.0 - 16) / 4}).view({1, 2, 2})));
}
