#include <tessera/ope/interval.hpp>

#include <algorithm>

#include "support.hpp"

using Catch::Contains;
using namespace support;
using namespace tessera::ope;

namespace {
const std::vector<double> eight = {0.2, 1.7, 0.4, 3.1, 0.9, 0.1, 2.2, 5.6};
// In place of random resamples, the 64 means of two of the eight, and the means without each.
std::vector<double> means_of_pairs() {
  std::vector<double> out;
  for (const double a : eight)
    for (const double b : eight) out.push_back((a + b) / 2);
  return out;
}
std::vector<double> means_without_one() {
  std::vector<double> out;
  for (const double x : eight) out.push_back((14.2 - x) / 7);
  return out;
}
}  // namespace

// z0 = 0.27769 and a = 0.063834 (scipy.stats.bootstrap's own _bca_interval of SciPy 1.17 on these numbers), so that the
// ends are at the shares 0.163608 and 0.993229.
TEST_CASE("a BCa interval is SciPy's", "[ope][interval]") {
  const auto found = bca_interval(1.775, means_of_pairs(), means_without_one(), 0.9);
  CHECK(found.low == Approx(0.5153658438495706));
  CHECK(found.high == Approx(5.066771844962922));
  // Without bias and acceleration it is the percentile interval: resamples that lie evenly about the value.
  std::vector<double> even;
  for (int i = -500; i <= 500; ++i) even.push_back(i);
  const std::vector<double> symmetric = {-1, 1};
  CHECK(bca_interval(0, even, symmetric, 0.95).low == Approx(percentile_interval(even, 0.95).low));
  CHECK(percentile_interval(even, 0.95).low == Approx(-475));
  CHECK(percentile_interval(even, 0.95).high == Approx(475));
}

TEST_CASE("intervals where nothing varies, or all lies on one side", "[ope][interval]") {
  const std::vector<double> equal(100, 3.0);
  CHECK(bca_interval(3, equal, equal, 0.95).low == 3);
  CHECK(bca_interval(3, equal, equal, 0.95).high == 3);
  const auto above = bca_interval(2, equal, {}, 0.95);  // no resample below the value
  CHECK((above.low == 3 && above.high == 3));
  CHECK(std::isnan(bca_interval(2, {}, {}, 0.95).low));
  CHECK(std::isnan(percentile_interval({}, 0.95).high));
  CHECK_THROWS_WITH(percentile_interval(equal, 1), Contains("level 1.0"));
  CHECK_THROWS_WITH(bca_interval(3, equal, equal, 0), Contains("level 0.0"));
  CHECK_THROWS_WITH(resampled(MeanTerms{{1, 2}}, {.resamples = 0}), Contains("0 resamples"));
}

TEST_CASE("the jackknife leaves out each episode, or each group of many", "[ope][interval]") {
  const MeanTerms terms{{1, 2, 6}};
  CHECK(jackknifed(terms) == std::vector<double>{4, 3.5, 1.5});
  const MeanTerms six{{1, 2, 3, 4, 5, 9}};
  CHECK(jackknifed(six, 2) == std::vector<double>{5, 3});  // without 1, 3, 5; without 2, 4, 9
  CHECK(jackknifed(MeanTerms{{1}}).empty());
}

TEST_CASE("equal seeds draw equally, for every estimator alike", "[ope][interval]") {
  const auto log = random_log(5, 40, 6);
  const auto terms = terms_of<WeightedIs>(log);
  const auto one = resampled(terms, {.resamples = 50, .seed = 1});
  CHECK(one == resampled(terms, {.resamples = 50, .seed = 1}));
  CHECK(one != resampled(terms, {.resamples = 50, .seed = 2}));
  CHECK(resampled(MeanTerms{{0, 1}}, {.resamples = 20, .seed = 3}) ==
        resampled(WeightedTerms({0, 1}, {2, 2}), {.resamples = 20, .seed = 3}));
}

// delta = .05, ln(4/delta) = ln 80.  Of 0, 0, 1, 1: mean .5, s^2 = 1/3.
TEST_CASE("empirical Bernstein intervals, by hand", "[ope][interval]") {
  const double bound = std::log(80.0);
  const auto found = bernstein_interval(std::vector<double>{0, 0, 1, 1}, 0, 1);
  const double half = std::sqrt(2.0 / 3 * bound / 4) + 7 * bound / 9;
  CHECK(found.low == Approx(0.5 - half));
  CHECK(found.high == Approx(0.5 + half));
  const auto wider = bernstein_interval(std::vector<double>{10, 10, 20, 20}, 10, 20);  // everything tenfold
  CHECK(wider.high - wider.low == Approx(20 * half));
  CHECK_THROWS_WITH(bernstein_interval(std::vector<double>{0, 2}, 0, 1),
                    Contains("number 1, 2.0") && Contains("outside"));
  CHECK_THROWS_WITH(bernstein_interval(std::vector<double>{0}, 0, 1), Contains("at least two"));
}

TEST_CASE("effective sample sizes, by hand", "[ope][interval]") {
  CHECK(effective_sample_size(std::vector<double>{5, 5, 5, 5}) == Approx(4));
  CHECK(effective_sample_size(std::vector<double>{std::log(1), std::log(3)}) == Approx(16.0 / 10));
  CHECK(effective_sample_size(std::vector<double>{900, 0}) == Approx(1));
  constexpr double zero = -std::numeric_limits<double>::infinity();
  CHECK(effective_sample_size(std::vector<double>{zero, zero}) == 0);
  CHECK(effective_sample_size(log_of(two_episodes(), 0.5)) == Approx(1.5 * 1.5 / 1.25));
}

// 300 logs of 150 single decisions, of two actions with behavior probabilities .7 and .3, target .4 and .6, and rewards
// that are exponential with means 1 and 2, skewed on purpose.  The truth is .4 + .6 * 2 = 1.6.
TEST_CASE("intervals hold the truth about as often as they say", "[ope][interval]") {
  int bca = 0, percentile = 0, weighted = 0, bernstein = 0;
  constexpr int logs = 300;
  for (int n = 0; n < logs; ++n) {
    tessera::Random random(11, std::uint64_t(n));
    std::vector<Written> decisions;
    std::vector<double> bounded;
    for (int i = 0; i < 150; ++i) {
      const bool second = random.uniform() < 0.3;
      decisions.push_back({.rewards = {-std::log(1 - random.uniform()) * (second ? 2 : 1)},
                           .ratios = {second ? 0.6 / 0.3 : 0.4 / 0.7}});
      bounded.push_back(random.uniform());
    }
    const auto log = log_of(decisions, 1);
    const auto holds = [](const Interval& x, double truth) { return x.low <= truth && truth <= x.high ? 1 : 0; };
    const tessera::BootstrapOptions draws{.resamples = 500, .seed = 1};
    const auto ips = terms_of<Ips>(log);
    const double value = ips.value(support::all_of(150));
    bca += holds(interval_of(ips, value, {.kind = interval_kind::bca, .bootstrap = draws}), 1.6);
    percentile += holds(interval_of(ips, value, {.kind = interval_kind::percentile, .bootstrap = draws}), 1.6);
    const auto snips = terms_of<Snips>(log);
    weighted += holds(interval_of(snips, snips.value(support::all_of(150)), {.bootstrap = draws}), 1.6);
    bernstein += holds(bernstein_interval(bounded, 0, 1), 0.5);
  }
  // Of 300 at 95 %: 285 +- 3.8; resamples of skewed numbers fall some percent short.
  CHECK(bca > 270);
  CHECK(percentile > 264);
  CHECK(weighted > 270);
  CHECK(bca < 297);
  CHECK(bernstein == logs);  // at this size it is wider than it has to be
}

TEST_CASE("the interval of an estimate by values that were estimated anew", "[ope]") {
  // Mean 5, squares (9 + 1 + 1 + 9) / 3; Student's quantile with three degrees of freedom is 3.182.
  const std::vector<double> anew{2, 4, 6, 8};
  const auto four = student_interval(10, anew);
  CHECK(four.high - 10 == Approx(3.18245 * std::sqrt(20.0 / 3)).epsilon(2e-3));
  CHECK(10 - four.low == Approx(four.high - 10));
  // The tables' 0.975 and 0.95 of nine degrees of freedom, and nearly the normal one of many; of numbers with s = 1.
  const auto of = [](std::size_t count) {
    const double x = std::sqrt(double(count - 1) / double(count));
    std::vector<double> out;
    for (std::size_t k = 0; k < count; ++k) out.push_back(k % 2 == 0 ? x : -x);
    return out;
  };
  CHECK(student_interval(0, of(10)).high == Approx(2.26216).epsilon(1e-4));
  CHECK(student_interval(0, of(10), 0.9).high == Approx(1.83311).epsilon(1e-4));
  CHECK(student_interval(0, of(100'000)).high == Approx(1.95997).epsilon(1e-4));
  CHECK(student_interval(1, std::vector<double>{7, 7, 7, 7, 7}).low == 1);
  CHECK_THROWS_WITH(student_interval(1, std::vector<double>{1, 2, 3}), Catch::Contains("there are 3; make at least 4"));
}
