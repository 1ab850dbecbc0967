#include <tessera/math/noise_schedule.hpp>

#include <catch2/catch.hpp>
#include <cmath>

#include <tessera/support/error.hpp>

using tessera::math::cosine_schedule;
using tessera::math::NoiseSchedule;
using tessera::math::variance_preserving;

TEST_CASE("the variance-preserving schedule of five steps is IDQL's", "[math]") {
  const auto s = variance_preserving(5);
  REQUIRE(s.steps() == 5);
  // exp(-.02 - .198 (2t - 1)): exponents -.218, -.614, -1.01, -1.406, -1.802
  const double alpha[] = {0.80413, 0.54118, 0.36422, 0.24512, 0.16497};
  const double kept[] = {0.80413, 0.43518, 0.15850, 0.03885, 0.00641};
  for (std::size_t t = 0; t < 5; ++t) {
    CHECK(s.alpha[t] == Approx(alpha[t]).margin(5e-6));
    CHECK(s.kept[t] == Approx(kept[t]).margin(5e-6));
    CHECK(s.beta(std::int64_t(t)) == Approx(1 - alpha[t]).margin(5e-6));
  }
}

TEST_CASE("what is left at the end does not depend on the number of steps", "[math]") {
  // sum_t b_min / T + (b_max - b_min) (2t - 1) / (2 T^2) = b_min + (b_max - b_min) / 2
  for (const std::int64_t steps : {1, 5, 20, 1000})
    CHECK(variance_preserving(steps).kept.back() == Approx(std::exp(-5.05)));
  CHECK(variance_preserving(7, 1, 3).kept.back() == Approx(std::exp(-2.0)));
}

TEST_CASE("the cosine schedule, computed by hand", "[math]") {
  // s = 0: f = cos^2 of 0, 30, 60 and 90 degrees: 1, 3/4, 1/4, 0; the last step would keep nothing, and keeps .001.
  const auto s = cosine_schedule(3, 0);
  CHECK(s.alpha[0] == Approx(0.75));
  CHECK(s.alpha[1] == Approx(1.0 / 3));
  CHECK(s.alpha[2] == Approx(0.001));
  CHECK(s.kept[1] == Approx(0.25));
  CHECK(s.kept[2] == Approx(0.00025));
  // With the paper's offset the first of many steps takes more than nothing.
  CHECK(cosine_schedule(1000).beta(0) == Approx(4.1284e-5).epsilon(1e-3));
}

TEST_CASE("the variance of the step back, computed by hand", "[math]") {
  const auto s = NoiseSchedule::of({0.75, 1.0 / 3});
  CHECK(s.kept_before(0) == 1);
  CHECK(s.posterior_variance(0) == Approx(0).margin(1e-12));
  CHECK(s.posterior_variance(1) == Approx(2.0 / 9));  // 2/3 (1 - 3/4) / (1 - 1/4)
}

TEST_CASE("a diffusion has steps", "[math]") {
  CHECK_THROWS_AS(variance_preserving(0), tessera::Error);
  CHECK_THROWS_WITH(cosine_schedule(-3), Catch::Contains("-3 steps"));
}
