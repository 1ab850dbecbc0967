#include <tessera/eval/over_seeds.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "helpers/files.hpp"

using Catch::Contains;
using tessera::bootstrap_interval;
using tessera::BootstrapInterval;
using tessera::interquartile_mean;

namespace {
double mean(std::span<const double> x) {
  double sum = 0;
  for (const double each : x) sum += each;
  return sum / double(x.size());
}
double largest(std::span<const double> x) { return *std::max_element(x.begin(), x.end()); }
}  // namespace

TEST_CASE("the mean of the middle half, computed by hand", "[eval][seeds]") {
  CHECK(interquartile_mean(std::vector<double>{7}) == 7);
  CHECK(interquartile_mean(std::vector<double>{0, 3, 9}) == 4);                      // nothing is left out
  CHECK(interquartile_mean(std::vector<double>{-100, 2, 4, 1000}) == 3);             // one at either end
  CHECK(interquartile_mean(std::vector<double>{1000, 10, 0, 30, 20}) == 20);         // 10, 20, 30
  CHECK(interquartile_mean(std::vector<double>{8, 100, 1, 2, 7, 3, 6, 5, 4}) == 5);  // of nine: 3 to 7
  CHECK(interquartile_mean(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 100}) == 4.5);   // of eight: 3 to 6
}

TEST_CASE("quantiles are NumPy's", "[eval][seeds]") {
  const std::vector<double> values = {-171.25, -169.5, -180.0, -150.75, -168.125, -302.5, -160.0};
  // numpy.quantile(values, (0, 0.1, 0.5, 0.77, 1))
  CHECK(tessera::quantile(values, 0) == -302.5);
  CHECK(tessera::quantile(values, 0.1) == Approx(-229.0));
  CHECK(tessera::quantile(values, 0.5) == -169.5);
  CHECK(tessera::quantile(values, 0.77) == Approx(-163.0875));
  CHECK(tessera::quantile(values, 1) == -150.75);
  CHECK(tessera::quantile(std::vector<double>{4}, 0.3) == 4);
}

// Of N values there are N^N equally likely draws.  Of {0, 3, 9} the sums are 0 (once), 3 (3 times), 6 (3), 9 (4), 12
// (6), 15 (3), 18 (3), 21 (3), 27 (once), of 27: the shares up to them are 1/27, 4/27, 7/27, 11/27, 17/27, 20/27,
// 23/27, 26/27 and 1.
TEST_CASE("a bootstrap interval, from all possible draws", "[eval][seeds]") {
  const std::vector<double> values = {0, 3, 9};
  CHECK(bootstrap_interval(values, mean, {.level = 0.8}) == BootstrapInterval{1, 7});   // 0.1: 3/3, 0.9: 21/3
  CHECK(bootstrap_interval(values, mean, {.level = 0.6}) == BootstrapInterval{2, 6});   // 0.2: 6/3, 0.8: 18/3
  CHECK(bootstrap_interval(values, mean, {.level = 0.95}) == BootstrapInterval{0, 9});  // 0.025: 0, 0.975: 27/3
  // The largest of the three drawn is 0 with 1/27, 3 with 7/27, 9 with 19/27.
  CHECK(bootstrap_interval(values, largest, {.level = 0.6}) == BootstrapInterval{3, 9});
  CHECK(bootstrap_interval(std::vector<double>{5}, mean) == BootstrapInterval{5, 5});
  CHECK(bootstrap_interval(std::vector<double>{5, 5, 5, 5}, mean) == BootstrapInterval{5, 5});
}

TEST_CASE("a bootstrap interval of many values is the normal one", "[eval][seeds]") {
  // 0, 1, ..., 399: mean 199.5, population standard deviation sqrt((400^2 - 1)/12) = 115.4697.
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(i);
  const auto found = bootstrap_interval(values, mean);
  const double half = 1.959964 * 115.4697 / 20;
  CHECK(found.low == Approx(199.5 - half).margin(0.05 * half));
  CHECK(found.high == Approx(199.5 + half).margin(0.05 * half));
}

TEST_CASE("equal seeds draw equally, others do not", "[eval][seeds]") {
  const std::vector<double> values = {-171.25, -169.5, -180.0, -150.75, -168.125, -302.5, -160.0};
  const auto one = bootstrap_interval(values, mean, {.resamples = 101, .seed = 3});
  CHECK(one == bootstrap_interval(values, mean, {.resamples = 101, .seed = 3}));
  CHECK_FALSE(one == bootstrap_interval(values, mean, {.resamples = 101, .seed = 4}));
}

TEST_CASE("all of it over seeds", "[eval][seeds]") {
  const std::vector<double> values = {-171.25, -169.5, -180.0, -150.75, -168.125, -302.5, -160.0};
  const auto all = tessera::over_seeds(values);
  CHECK(all.count == 7);
  CHECK(all.mean == Approx(-186.01785714285714));     // numpy's mean
  CHECK(all.std == Approx(52.179399499638336));       // and std(ddof=1)
  CHECK(all.interquartile_mean == Approx(-169.775));  // of -180, ..., -160: the least and largest are cut
  CHECK(all.mean_interval == bootstrap_interval(values, mean));
  CHECK(all.interquartile_mean_interval == bootstrap_interval(values, interquartile_mean));
  // One bad seed in seven moves the mean far, and the mean of the middle half little.
  CHECK(all.mean_interval.low < -220);
  CHECK(all.interquartile_mean_interval.high - all.interquartile_mean_interval.low <
        all.mean_interval.high - all.mean_interval.low);
  const auto single = tessera::over_seeds(std::vector<double>{2.5});
  CHECK((single.count == 1 && single.mean == 2.5 && single.std == 0 && single.interquartile_mean == 2.5));
  CHECK(single.mean_interval == BootstrapInterval{2.5, 2.5});
}

TEST_CASE("what has no statistics is an error", "[eval][seeds]") {
  const std::vector<double> none, bad = {1, std::numeric_limits<double>::quiet_NaN()}, good = {1, 2};
  using support::error_of;
  CHECK_THAT(error_of([&] { interquartile_mean(none); }), Contains("no values"));
  CHECK_THAT(error_of([&] { tessera::over_seeds(none); }), Contains("no values"));
  CHECK_THAT(error_of([&] { tessera::over_seeds(bad); }), Contains("value 1 is not finite"));
  CHECK_THAT(error_of([&] { tessera::quantile(good, 1.5); }), Contains("not a share from 0 to 1"));
  CHECK_THAT(error_of([&] { bootstrap_interval(good, mean, {.level = 1}); }), Contains("level 1"));
  CHECK_THAT(error_of([&] { bootstrap_interval(good, mean, {.resamples = 0}); }), Contains("0 resamples"));
}
