#include <tessera/eval/sequential_halving.hpp>
//
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <tessera/support/error.hpp>
#include <utility>

using namespace tessera;

TEST_CASE("the better half of the candidates goes on", "[eval]") {
  // Four candidates and 48 episodes: two rounds of 24, six for each of four, twelve for each of two.
  const std::vector<double> means{1, 4, 2, 3};
  std::set<std::pair<std::size_t, std::int64_t>> seen;
  const auto result = sequential_halving({0, 1, 2, 3}, 48, [&](std::size_t k, std::int64_t first, std::int64_t count) {
    std::vector<double> out;
    for (auto i = first; i < first + count; ++i) {
      CHECK(seen.emplace(k, i).second);  // no episode twice
      out.push_back(means[k] + (i % 2 == 0 ? 1 : -1));
    }
    return out;
  });
  CHECK(result.order == std::vector<std::size_t>{1, 3, 2, 0});
  CHECK(result.rounds == 2);
  CHECK(result.episodes == 48);
  CHECK(result.candidates[1].episodes == 18);
  CHECK(result.candidates[0].episodes == 6);
  CHECK(result.candidates[0].rounds == 1);
  CHECK(result.candidates[1].mean == Approx(4));
  // Six returns 1 +- 1: sample variance 6/5, of the mean 1/5.
  CHECK(result.candidates[0].std_error == Approx(std::sqrt(0.2)));
}

TEST_CASE("a small budget is for those that were better before", "[eval]") {
  // Three episodes: three candidates would need two rounds of three; two need one of two.
  const auto result = sequential_halving({2, 0, 1}, 3, [](std::size_t k, std::int64_t, std::int64_t count) {
    return std::vector<double>(std::size_t(count), double(k));
  });
  CHECK(result.order == std::vector<std::size_t>{2, 0, 1});
  CHECK(result.candidates[1].episodes == 0);
  CHECK(result.candidates[0].episodes == 1);
  CHECK(result.episodes == 2);
  // Equal means stand as before.
  const auto equal = sequential_halving({1, 0}, 10, [](std::size_t, std::int64_t, std::int64_t count) {
    return std::vector<double>(std::size_t(count), 0.0);
  });
  CHECK(equal.order == std::vector<std::size_t>{1, 0});
  CHECK_THROWS_AS(sequential_halving({}, 3, {}), Error);
  CHECK_THROWS_AS(sequential_halving({0}, 0, {}), Error);
}
