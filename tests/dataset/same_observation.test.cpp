#include <tessera/dataset/same_observation.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using tessera::SameObservation;

TEST_CASE("an observation is the same with its last bit moved, in columns of any unit", "[data][same_observation]") {
  const std::vector<float> all{0, 1e-6f, 3e6f, /**/ 2, 2e-6f, 1e6f, /**/ -4, -3e-6f, 0};
  const SameObservation same(all, 3);
  const float a[] = {2, 2e-6f, 1e6f};
  CHECK(same(a, a));
  const float moved[] = {std::nextafter(2.f, 3.f), std::nextafter(2e-6f, 0.f), std::nextafter(1e6f, 0.f)};
  CHECK(same(a, moved));
  // A thousandth of each column's size is another place.
  for (int j = 0; j < 3; ++j) {
    float other[] = {2, 2e-6f, 1e6f};
    other[j] += 1e-3f * std::abs(all[std::size_t(j == 2 ? 2 : 6 + j)]);
    CHECK_FALSE(same(a, other));
  }
  // What is near zero is rounded as its column is.
  const float zero[] = {1e-7f, 0, 0}, near_zero[] = {0, 0, 0.01f};
  CHECK(same(zero, near_zero));
  const float nan[] = {std::numeric_limits<float>::quiet_NaN(), 2e-6f, 1e6f};
  CHECK_FALSE(same(a, nan));
}
