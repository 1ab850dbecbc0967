#include <tessera/ope/terms.hpp>

#include "support.hpp"

using namespace support;
using namespace tessera::ope;

namespace {
// The formula as it stands, with every episode padded to the longest: no scaling, and no sums that are carried on.
double padded_value(const EvaluationLog& log, const std::vector<double>& x, const std::vector<double>& y,
                    const std::vector<std::size_t>& drawn) {
  std::size_t horizon = 0;
  for (const auto i : drawn) horizon = std::max(horizon, log.episode(i).size());
  double total = 0;
  for (const auto i : drawn) total += y.empty() ? 0 : y[std::size_t(log.offsets[i]) + i] / double(drawn.size());
  for (std::size_t t = 0; t < horizon; ++t) {
    double weights = 0, sum = 0;
    for (const auto i : drawn) {
      const auto episode = log.episode(i);
      double rho = 1;
      for (std::size_t k = 0; k <= t && k < episode.size(); ++k) rho *= std::exp(episode.log_ratio[k]);
      weights += rho;
      if (t >= episode.size()) continue;
      const auto at = std::size_t(log.offsets[i]) + t;
      sum += rho * (x[at] + (y.empty() ? 0 : y[at + i + 1]));
    }
    total += sum / weights;
  }
  return total;
}
}  // namespace

TEST_CASE("stepwise weights are those of the padded log, for every draw", "[ope][terms]") {
  const auto log = random_log(1, 30, 12);
  tessera::Random random(2);
  std::vector<double> x, y;
  for (std::size_t k = 0; k < log.steps(); ++k) x.push_back(random.normal());
  for (std::size_t k = 0; k < log.steps() + log.episodes(); ++k) y.push_back(random.normal());
  const StepwiseTerms with(log, x, y), without(log, x, {});
  for (int draw = 0; draw < 20; ++draw) {
    std::vector<std::size_t> drawn(30);
    for (auto& i : drawn) i = std::size_t(random.below(30));
    CHECK(with.value(drawn) == Approx(padded_value(log, x, y, drawn)));
    CHECK(without.value(drawn) == Approx(padded_value(log, x, {}, drawn)));
  }
  CHECK(with.value(std::vector<std::size_t>{7}) == Approx(padded_value(log, x, y, {7})));
}

TEST_CASE("draws without the episodes that weigh most", "[ope][terms]") {
  // Beside e^900 the others, e^0 and e^1, are 0 as numbers; drawn alone they are proportions again.
  auto log = log_of({{.rewards = {1, 1}, .ratios = {1, 1}},
                     {.rewards = {3, 0}, .ratios = {1, 1}},
                     {.rewards = {7, 5}, .ratios = {1, 1}}},
                    1);
  log.log_ratio = {0, 0, 0.5, 0.5, 450, 450};
  const std::vector<std::size_t> others = {0, 1};
  const WeightedTerms weighted({2, 3, 12}, {0, 1, 900});
  const double e = std::exp(1.0), root = std::exp(0.5);
  CHECK(weighted.value(all_of(3)) == Approx(12));
  CHECK(weighted.value(others) == Approx((2 + e * 3) / (1 + e)));
  const StepwiseTerms steps(log, log.rewards, {});
  CHECK(steps.value(all_of(3)) == Approx(12));
  CHECK(steps.value(others) == Approx((1 + root * 3) / (1 + root) + 1 / (1 + e)));
  // A weight that falls by e^900 in a step: sums of episodes that are over cannot be carried across it.
  log.log_ratio = {0, 0, 900, -900, 900, -899};
  CHECK(StepwiseTerms(log, log.rewards, {}).value(all_of(3)) == Approx((3 + 7) / 2.0 + (1 + 5 * e) / (2 + e)));
}

TEST_CASE("weights that are all zero among those drawn", "[ope][terms]") {
  constexpr double zero = -std::numeric_limits<double>::infinity();
  CHECK(std::isnan(WeightedTerms({1, 2}, {zero, 0}).value(std::vector<std::size_t>{0, 0})));
  CHECK(WeightedTerms({1, 2}, {zero, 0}).value(all_of(2)) == 2);
  CHECK_FALSE(WeightedTerms({1, 2}, {zero, zero}).undefined.empty());
  auto log = log_of({{.rewards = {1, 1}, .ratios = {1, 1}}, {.rewards = {3}, .ratios = {1}}}, 1);
  log.log_ratio = {0, zero, 0};
  const StepwiseTerms terms(log, log.rewards, {});
  CHECK(terms.value(all_of(2)) == Approx(2));  // (1 + 3)/2, then the second alone, which is over
  CHECK(std::isnan(terms.value(std::vector<std::size_t>{0})));
  CHECK(detail::times_exp(0, 1000) == 0);
  CHECK(detail::times_exp(3, zero) == 0);
}
