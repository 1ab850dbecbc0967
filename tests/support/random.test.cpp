#include <tessera/support/random.hpp>

#include <catch2/catch.hpp>
#include <cstdint>
#include <set>
#include <vector>

using tessera::Random;

TEST_CASE("random bits are the same everywhere", "[env][random]") {
  Random zero(0), other(1, 2);
  CHECK(zero.next() == 0x6e58cb0c94d02cfcu);
  CHECK(zero.next() == 0x778b7b3aaefaf1f8u);
  CHECK(zero.next() == 0x35fbd40daad5039au);
  CHECK(other.next() == 0xd6ac96512acf99e4u);
  CHECK(Random(0).uniform() == 0.43104237610970186);
  CHECK(Random(1, 2).uniform() == 0.8385709713136847);
  static_assert(Random(0).next() == 0x6e58cb0c94d02cfcu, "also at compile time");
}

TEST_CASE("a stream can be entered at any position", "[env][random]") {
  Random from_start(5, 6), from_third(5, 6, 3);
  for (int i = 0; i < 3; ++i) from_start.next();
  for (int i = 0; i < 10; ++i) CHECK(from_start.next() == from_third.next());
}

TEST_CASE("streams and seeds differ", "[env][random]") {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 40; ++seed)
    for (std::uint64_t stream = 0; stream < 40; ++stream) first.insert(Random(seed, stream).next());
  CHECK(first.size() == 1600);
}

TEST_CASE("random numbers have their distributions", "[env][random]") {
  Random random(3);
  const int n = 200'000;
  double sum = 0, squares = 0, low = 1, high = 0;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform();
    sum += u;
    squares += u * u;
    low = std::min(low, u);
    high = std::max(high, u);
  }
  CHECK((low >= 0 && high < 1));
  CHECK(sum / n == Approx(0.5).margin(0.003));
  CHECK(squares / n == Approx(1.0 / 3).margin(0.003));

  double fourth = sum = squares = 0;
  for (int i = 0; i < n; ++i) {
    const double z = random.normal();
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
  }
  CHECK(sum / n == Approx(0).margin(0.01));
  CHECK(squares / n == Approx(1).margin(0.015));
  CHECK(fourth / n == Approx(3).margin(0.1));

  std::vector<int> counts(6);
  for (int i = 0; i < n; ++i) ++counts.at(random.below(6));
  for (const int count : counts) CHECK(count / double(n) == Approx(1.0 / 6).margin(0.004));
  CHECK(random.below(1) == 0);
  for (int i = 0; i < 100; ++i) {
    const double u = random.uniform(-3, 2);
    CHECK((u >= -3 && u < 2));
  }
}
