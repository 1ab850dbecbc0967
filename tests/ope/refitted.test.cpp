#include <tessera/ope/refitted.hpp>

#include <tessera/sources/tabular_log.hpp>

#include "support.hpp"
#include "tabular/support.hpp"

using Catch::Contains;
using namespace support;
using namespace tessera::ope;
using tessera::tabular::Log;
using tessera::tabular::Step;

namespace {
// In state 0 action 0 led twice to the end with 1 and once to state 1 with 4, action 1 once to the end with 3; from
// state 1 action 1 led to the end with 2.
Log small_log() {
  return {{{0, 0, 2, 1, true}, {0, 0, 2, 1, true}, {0, 0, 1, 4, false}, {1, 1, 2, 2, true}, {0, 1, 2, 3, true}},
          {0, 1, 2, 4}};
}
Table coin(std::int64_t states) { return Table::Constant(states, 2, 0.5); }

// The value of a model of these episodes, by the equations that are solved exactly.
double by_equations(std::int64_t states, const Log& log, const Table& policy, double discount, double kappa,
                    const std::vector<std::int64_t>& episodes) {
  const auto model = smoothed_model(states, policy.cols(), part_of(log, episodes), discount, kappa).model;
  return evaluate_in(model, policy).values.v.dot(model.start());
}

// Rewards of N(a, 1) by chance, two states after one another, actions that differ.
Log random_log(std::uint64_t seed, std::int64_t episodes) {
  tessera::Random random(seed, 0);
  Log log;
  for (std::int64_t i = 0; i < episodes; ++i) {
    log.first.push_back(std::int64_t(log.steps.size()));
    for (std::int64_t s = 0; s < 2; ++s) {
      const auto a = std::int64_t(random.below(4)) == 0 ? std::int64_t{1} : std::int64_t{0};
      log.steps.push_back({s, a, s + 1, double(a) + random.normal(), s == 1});
    }
  }
  return log;
}
}  // namespace

TEST_CASE("a model that is fitted anew, by hand", "[ope][refitted]") {
  const RefittedTerms without(3, small_log(), coin(3), 0.5, 0);
  // V(1) = pi(1|1) 2 = 1, as action 0 was not seen there; V(0) = 1/2 (1 + 1 + 4 + V(1)/2) / 3 + 1/2 3.
  const std::vector<std::size_t> all = {0, 1, 2, 3};
  CHECK(without.value(all) == Approx(0.5 * 6.5 / 3 + 1.5));
  // Without the third episode no step reaches state 1: 1/2 (1 + 1)/2 + 1/2 3.
  CHECK(without.value(std::vector<std::size_t>{0, 1, 3}) == Approx(2));
  CHECK(without.value(std::vector<std::size_t>{3, 0, 1}) == Approx(2));
  // An episode that is drawn twice counts twice: 1/2 (1 + 2 (4 + 1/2)) / 3, and action 1 was not seen.
  CHECK(without.value(std::vector<std::size_t>{0, 2, 2}) == Approx(0.5 * 10 / 3));
}

TEST_CASE("sweeps come to what the equations say", "[ope][refitted]") {
  const auto log = small_log();
  const double kappa = GENERATE(0.0, 1.0, 30.0);
  const double discount = GENERATE(1.0, 0.9, 0.0);
  const RefittedTerms terms(3, log, coin(3), discount, kappa);
  for (const std::vector<std::int64_t>& episodes :
       {std::vector<std::int64_t>{0, 1, 2, 3}, {2, 2, 2}, {0, 3}, {3, 2, 1, 2}}) {
    const std::vector<std::size_t> drawn(episodes.begin(), episodes.end());
    CHECK(terms.value(drawn) == Approx(by_equations(3, log, coin(3), discount, kappa, episodes)).margin(1e-9));
  }
}

TEST_CASE("the interval of a value that is fitted anew holds the error of the fit", "[ope][refitted]") {
  // Both policies are in the log's support: pi takes either action, and its value is 2 (0.5 0 + 0.5 1) = 1.
  const IntervalOptions options{.kind = interval_kind::percentile,
                                .bootstrap = {.level = 0.9, .resamples = 200, .seed = 3}};
  int held = 0, held_of_first_states = 0;
  const int logs = 100;
  for (int k = 0; k < logs; ++k) {
    const auto log = random_log(std::uint64_t(k), 60);
    const auto found = refitted_estimate(3, log, coin(3), 1, 0, options);
    held += found.interval.low <= 1 && 1 <= found.interval.high;
    const auto kept = fitted_log(3, log, coin(3), 1, {.kappa = 0, .parts = 1});
    const auto narrow = estimate("fqe", kept, options);
    CHECK(found.value == Approx(narrow.value));
    held_of_first_states += narrow.interval.low <= 1 && 1 <= narrow.interval.high;
  }
  CHECK(held >= 80);  // 90 are wanted, with a standard error of 3
  CHECK(held_of_first_states == 0);
}

TEST_CASE("what a model that is fitted anew refuses", "[ope][refitted]") {
  CHECK_THROWS_WITH(RefittedTerms(3, small_log(), coin(2), 1), Contains("the policy"));
  CHECK_THROWS_WITH(RefittedTerms(2, small_log(), coin(2), 1), Contains("step 0 of the log is from state 0"));
  CHECK_THROWS_WITH(RefittedTerms(3, small_log(), coin(3), 1, -1), Contains("kappa -1"));
  CHECK_THROWS_WITH(RefittedTerms(3, Log{}, coin(3), 1), Contains("no episodes"));
  // A policy that stays for ever, with a reward at each step: no value without a discount.
  const Log stays{{{0, 0, 0, 1, false}, {0, 0, 0, 1, false}}, {0}};
  CHECK_THAT(refitted_estimate(1, stays, coin(1), 1).undefined, Contains("give a discount below 1"));
  CHECK(refitted_estimate(1, stays, coin(1), 0.5).value == Approx(2));
}
