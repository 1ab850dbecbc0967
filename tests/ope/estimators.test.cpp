#include <tessera/ope/estimators.hpp>

#include <limits>
#include <set>

#include "support.hpp"

using Catch::Contains;
using namespace support;
using namespace tessera::ope;

// Ratios rho_0, rho_{0:1}: 2 and 1 in the first episode; 1/2, kept, in the second.
TEST_CASE("every estimator of two short episodes, by hand", "[ope][estimators]") {
  const auto log = log_of(two_episodes(), 0.5);
  CHECK(value_of<TrajectoryIs>(log) == Approx((1 * 2 + 0.5 * 4) / 2));
  CHECK(value_of<WeightedIs>(log) == Approx((1 * 2 + 0.5 * 4) / 1.5));
  CHECK(value_of<PerDecisionIs>(log) == Approx(((2 * 1 + 0.5 * 1 * 2) + 0.5 * 4) / 2));
  // t = 0: (2 * 1 + 1/2 * 4) / 2.5;  t = 1: 1/2 * (1 * 2 + 1/2 * 0) / 1.5, since the second episode is over.
  CHECK(value_of<WeightedPerDecisionIs>(log) == Approx(1.6 + 2.0 / 3));
  CHECK(value_of<ClippedIs>(log, {.max_weight = 0.75}) == Approx((0.75 * 2 + 0.5 * 4) / 2));
  CHECK(value_of<ClippedIs>(log) == Approx(2));  // at sqrt(2): nothing is clipped
  // D_1 = 2 + 1/2 (2 - 1) = 2.5, D_0 = 2 + 2 (1 + 1/2 * 2.5 - 3) = 0.5;  the second: 1 + 1/2 (4 - 2) = 2.
  CHECK(value_of<DoublyRobust>(log) == Approx((0.5 + 2) / 2));
  // t = 0: .8 (1 - 3) + .2 (4 - 2) + (2 + 1)/2 = 0.3;  t = 1: 1/2 (2/3 (2 - 1) + .8 * 2) = 17/15.
  CHECK(value_of<WeightedDoublyRobust>(log) == Approx(0.3 + 17.0 / 15));
  CHECK(value_of<FittedQ>(log) == Approx(1.5));
  // 1.5 * 1 + 1/2 * .5 * 2 = 2, and 2 * 4.
  CHECK(value_of<MarginalizedIs>(log) == Approx(5));
  // 2 + 1.5 (1 + 1/2 * 2 - 3) + 1/2 * .5 (2 + 0 - 1) = .75, and 1 + 2 (4 - 2).
  CHECK(value_of<MarginalizedDr>(log) == Approx((0.75 + 5) / 2));
}

TEST_CASE("a truncated episode goes on with Vhat where there is one", "[ope][estimators]") {
  auto written = two_episodes();
  written[1].truncated = true;
  written[1].v_end = 6;
  const auto log = log_of(written, 0.5);
  CHECK(value_of<TrajectoryIs>(log) == Approx(2));                // cut
  CHECK(value_of<DoublyRobust>(log) == Approx((0.5 + 3.5) / 2));  // 1 + 1/2 (4 + 1/2 * 6 - 2)
  CHECK(value_of<WeightedDoublyRobust>(log) == Approx(0.3 + 17.0 / 15 + 0.5 * 0.2 * 6));
  CHECK(value_of<MarginalizedDr>(log) == Approx((0.75 + 11) / 2));  // 1 + 2 (4 + 1/2 * 6 - 2)
  const auto notes = estimate<TrajectoryIs>(log).notes;
  REQUIRE(notes.size() == 1);
  CHECK(notes[0] == "1 of 2 episodes were truncated, and their returns are cut there");
  CHECK(estimate<DoublyRobust>(log).notes.empty());
}

TEST_CASE("estimators of single decisions, by hand", "[ope][estimators]") {
  const auto log = log_of(three_decisions(), 1);
  CHECK(value_of<Ips>(log) == Approx(3.5 / 3));
  CHECK(value_of<Snips>(log) == Approx(3.5 / 6.5));
  CHECK(value_of<BanditDr>(log) == Approx((2 + 2 - 3.5) / 3));  // 1 + 2 * .5, 1.5 + .5 * 1, .5 + 4 * -1
  CHECK(value_of<SwitchDr>(log, {.threshold = 3}) == Approx((2 + 2 + 0.5) / 3));
  CHECK(value_of<SwitchDr>(log) == value_of<BanditDr>(log));  // no ratio is above 10
  // They are what the estimators of episodes are with one step.
  CHECK(value_of<Ips>(log) == Approx(value_of<PerDecisionIs>(log)));
  CHECK(value_of<Snips>(log) == Approx(value_of<WeightedPerDecisionIs>(log)));
  CHECK(value_of<BanditDr>(log) == Approx(value_of<DoublyRobust>(log)));
  CHECK_THROWS_WITH(terms_of<Ips>(log_of(two_episodes(), 1)),
                    Contains("ips: it is for logs of single decisions") && Contains("3 steps in 2 episodes"));
}

TEST_CASE("ratios that are all zero give no number", "[ope][estimators]") {
  auto log = log_of(two_episodes(), 0.5);
  log.log_ratio = {std::log(2), -std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const auto* name : {"is", "wis", "wpdis", "wdr", "clipped-is"}) {
    const auto found = estimate(name, log);
    CAPTURE(name);
    CHECK(std::isnan(found.value));
    CHECK(std::isnan(found.interval.low));
    CHECK_THAT(found.undefined, Contains("all ratios are 0"));
  }
  CHECK(value_of<PerDecisionIs>(log) == Approx((2 * 1 + 0) / 2.0));  // the first step has a ratio
  CHECK(value_of<DoublyRobust>(log) == Approx((2 + 2 * (1 + 0.5 * 2 - 3) + 1) / 2));
  log.weight = {0, 0, 0};
  CHECK_THAT(estimate("mis", log).undefined, Contains("every logged step has weight 0"));
  // A resample without the one episode that has a ratio is left out, and counted.
  log.log_ratio[1] = 0;
  const auto some = estimate("wis", log);
  CHECK(some.value == 2);
  CHECK(some.interval.undefined_resamples > 400);  // a quarter of 2000
  CHECK(some.interval.undefined_resamples < 600);
  CHECK_THAT(some.notes.back(), Contains("resamples have no estimate"));
}

TEST_CASE("ratios too large for a number", "[ope][estimators]") {
  auto log = log_of(two_episodes(), 0.5);
  log.log_ratio = {800, 10, 808};
  CHECK_THAT(estimate("is", log).undefined, Contains("episode 0 is too large"));
  CHECK_THAT(estimate("dr", log).undefined, Contains("too large"));
  // Weighted, they are proportions: e^810 and e^808.
  const double share = std::exp(-2.0);
  CHECK(value_of<WeightedIs>(log) == Approx((2 + share * 4) / (1 + share)));
  const double first = std::exp(-8.0);  // at t = 0: e^800 and e^808
  CHECK(value_of<WeightedPerDecisionIs>(log) == Approx((first * 1 + 4) / (first + 1) + 0.5 * 2 / (1 + share)));
  CHECK(value_of<ClippedIs>(log, {.max_weight = 3}) == Approx((3 * 2 + 3 * 4) / 2.0));
}

TEST_CASE("the list of estimators", "[ope][estimators]") {
  const auto names = estimator_names();
  CHECK(names == std::vector<std::string>{"fqe", "is", "wis", "pdis", "wpdis", "clipped-is", "dr", "wdr", "mis", "mdr",
                                          "ips", "snips", "bandit-dr", "switch-dr"});
  for (const auto& info : estimators()) {
    CAPTURE(info.name);
    CHECK((info.needs_ratios || info.needs_values || info.needs_weights));
    CHECK_FALSE(info.formula.empty());
    CHECK_FALSE(info.source.empty());
  }
  auto log = log_of(two_episodes(), 0.5);
  CHECK(suitable_estimators(log).size() == 10);
  log.log_ratio.clear();
  CHECK(suitable_estimators(log) == std::vector<std::string>{"fqe", "mis", "mdr"});
  CHECK_THROWS_WITH(estimate("wis", log), Contains("wis: the log has no ratios"));
  CHECK_THROWS_WITH(estimate("wiss", log),
                    Contains("no estimator 'wiss'; did you mean 'wis'?") && Contains("switch-dr"));
  log.q.clear(), log.v.clear(), log.weight.clear();
  CHECK(suitable_estimators(log).empty());
  CHECK(suitable_estimators(log_of(three_decisions(), 1)).size() == 12);
}

namespace {
// An estimator of one's own: the mean return, whatever the target policy.
struct MeanReturn {
  static constexpr const char* name = "mean-return";
  static constexpr const char* formula = "(1/n) sum_i G";
  static constexpr const char* source = "-";
  static constexpr bool one_step = false;
  struct params {};
  using needs = tessera::all_of<>;
  static MeanTerms terms(const params&, const EvaluationLog& log) { return {detail::discounted_returns(log)}; }
};
struct WithoutTerms : MeanReturn {
  static double terms(const params&, const EvaluationLog&) { return 0; }
};
}  // namespace

TEST_CASE("an estimator of one's own", "[ope][estimators]") {
  STATIC_REQUIRE(Estimator<MeanReturn>);
  STATIC_REQUIRE_FALSE(Estimator<WithoutTerms>);
  STATIC_REQUIRE(std::same_as<tessera::first_lack<WithoutTerms, estimator_checks>, lack::terms_of_a_log>);
  STATIC_REQUIRE(
      (reads<DoublyRobust, given::ratios> && reads<DoublyRobust, given::values> && !reads<FittedQ, given::ratios>));
  const auto found = estimate<MeanReturn>(log_of(two_episodes(), 0.5));
  CHECK(found.value == 3);
  CHECK(found.interval.low == 2);
  CHECK(found.interval.high == 4);
}
