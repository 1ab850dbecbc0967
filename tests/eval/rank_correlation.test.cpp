#include <tessera/eval/rank_correlation.hpp>
//
#include <catch2/catch.hpp>
#include <cmath>
#include <tessera/support/error.hpp>

using namespace tessera;
using numbers = std::vector<double>;

TEST_CASE("ranks, the mean of them where numbers are equal", "[eval]") {
  CHECK(ranks(numbers{30, 10, 20}) == numbers{3, 1, 2});
  CHECK(ranks(numbers{5, 1, 5, 7}) == numbers{2.5, 1, 2.5, 4});
  CHECK(ranks(numbers{2, 2, 2}) == numbers{2, 2, 2});
}

TEST_CASE("Spearman's rank correlation, by hand", "[eval]") {
  CHECK(rank_correlation(numbers{1, 2, 3}, numbers{-5, 0, 100}) == Approx(1));
  CHECK(rank_correlation(numbers{1, 2, 3}, numbers{9, 8, -1}) == Approx(-1));
  // Without ties 1 - 6 sum d^2 / (n (n^2 - 1)): ranks (1 2 3 4 5) and (2 1 4 3 5), d^2 = 4 ones, 1 - 24 / 120.
  CHECK(rank_correlation(numbers{1, 2, 3, 4, 5}, numbers{20, 10, 40, 30, 50}) == Approx(0.8));
  // Ranks (1.5 1.5 3) and (1 2 3) around 2: 0.5 + 0 + 1 = 1.5, over sqrt(1.5 * 2).
  CHECK(rank_correlation(numbers{4, 4, 9}, numbers{1, 2, 3}) == Approx(1.5 / std::sqrt(3.0)));
  CHECK(std::isnan(rank_correlation(numbers{1, 1}, numbers{1, 2})));
}

TEST_CASE("a rank correlation of what cannot have one", "[eval]") {
  CHECK_THROWS_AS(rank_correlation(numbers{1}, numbers{1}), Error);
  CHECK_THROWS_AS(rank_correlation(numbers{1, 2}, numbers{1, 2, 3}), Error);
  CHECK_THROWS_WITH(rank_correlation(numbers{1, NAN}, numbers{1, 2}), Catch::Contains("not finite"));
}
