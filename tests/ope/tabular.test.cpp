#include <tessera/ope/tabular.hpp>

#include <tessera/ope/estimators.hpp>
#include <tessera/ope/support.hpp>

#include "support.hpp"
#include "tabular/support.hpp"

using Catch::Contains;
using namespace support;
using namespace tessera::ope;
using tessera::tabular::Log;
using tessera::tabular::Step;

namespace {
Log log_from(std::vector<Step> steps, std::vector<std::int64_t> first) { return {std::move(steps), std::move(first)}; }

// In state 0 action 0 led twice to the end with 1 and once to state 1 with 4, action 1 once to the end with 3; from
// state 1 action 1 led to the end with 0.
Log small_log() {
  return log_from({{0, 0, 2, 1, true}, {0, 0, 2, 1, true}, {0, 0, 1, 4, false}, {1, 1, 2, 0, true}, {0, 1, 2, 3, true}},
                  {0, 1, 2, 4});
}
}  // namespace

TEST_CASE("a model in which actions are alike until steps say otherwise", "[ope][tabular]") {
  const auto [model, counts] = smoothed_model(3, 2, small_log(), 0.9, 1);
  // (0, 0): three steps and a prior step that goes as the four of state 0: 3/4 to the end, for 5/3, 1/4 to state 1.
  std::vector<double> p(3), r(3);
  model.each_outcome(0, 0, [&](std::int64_t after, double probability, double reward) {
    p[std::size_t(after)] = probability;
    r[std::size_t(after)] = reward;
  });
  CHECK(p[2] == Approx((2 + 0.75) / 4));
  CHECK(p[1] == Approx((1 + 0.25) / 4));
  CHECK(r[2] == Approx((2 * 1 + 0.75 * 5 / 3) / 2.75));
  CHECK(r[1] == Approx(4));
  // (1, 0) was never seen: it goes as (1, 1) went.
  model.each_outcome(1, 0, [&](std::int64_t after, double probability, double) {
    CHECK(after == 2);
    CHECK(probability == Approx(1));
  });
  CHECK(model.rewards()(0, 1) == Approx((3 + (0.75 * 5 / 3 + 0.25 * 4)) / 2));
  CHECK(counts(0, 0) == 3);
  CHECK(model.start()[0] == 1);
  CHECK(model.terminal(2));
  // Without a prior it is the maximum likelihood; with a strong one the actions are one.
  CHECK(smoothed_model(3, 2, small_log(), 0.9, 0).model.rewards()(0, 0) == Approx(2));
  const auto strong = smoothed_model(3, 2, small_log(), 0.9, 1e9).model.rewards();
  CHECK(strong(0, 0) == Approx(9.0 / 4));
  CHECK(strong(0, 1) == Approx(9.0 / 4));
  CHECK_THROWS_WITH(smoothed_model(3, 2, small_log(), 0.9, -1), Contains("kappa -1"));
}

TEST_CASE("what a model says of a state that its log never left", "[ope][tabular]") {
  // Without its third episode the log never was in state 1; in state 0 action 0 gave 1, 1 and action 1 gave 3.
  const auto log = small_log();
  const auto model = fit_model(3, 2, part_of(log, std::vector<std::int64_t>{0, 1, 3}), 0.9, {.kappa = 0, .alpha = 0});
  Table pi(3, 2);
  pi << 0.5, 0.5, 0.25, 0.75, 0.5, 0.5;
  const auto of = nuisances(model, pi);
  CHECK(of.values.v[0] == Approx(2));
  CHECK(of.values.v[1] == Approx(2));
  CHECK(of.values.q(1, 0) == Approx(2));
  CHECK(of.visit_ratio(0, 0) == Approx(0.5 / (2.0 / 3)));
  CHECK(of.visit_ratio(1, 1) == Approx(0.75 / 0.5));  // a behavior that was never seen is uniform
}

TEST_CASE("a counted behavior policy", "[ope][tabular]") {
  Table counts(2, 2);
  counts << 3, 1, 0, 0;
  const auto perks = counted_behavior(counts);
  CHECK(perks(0, 0) == Approx(3.5 / 5));
  CHECK(perks(0, 1) == Approx(1.5 / 5));
  CHECK(perks(1, 0) == 0.5);
  CHECK(counted_behavior(counts, 1)(0, 1) == Approx(2.0 / 6));
  CHECK(counted_behavior(counts, 0)(0, 0) == 0.75);
  CHECK(counted_behavior(counts, 0)(1, 1) == 0.5);
  CHECK_THROWS_WITH(counted_behavior(counts, -1), Contains("alpha -1"));
}

TEST_CASE("parts of a log", "[ope][tabular]") {
  const auto log = small_log();
  CHECK(episodes_of_part(log, 0, 2) == std::vector<std::int64_t>{0, 2});
  CHECK(episodes_without_part(log, 0, 2) == std::vector<std::int64_t>{1, 3});
  const auto part = part_of(log, episodes_of_part(log, 0, 2));
  CHECK(part.first == std::vector<std::int64_t>{0, 1});
  REQUIRE(part.steps.size() == 3);
  CHECK((part.steps[1].reward == 4 && part.steps[2].state == 1));
  CHECK_THROWS_WITH(episodes_of_part(log, 2, 2), Contains("no part 2 of 2"));
}

TEST_CASE("a log as the estimators see it", "[ope][tabular]") {
  Table pi(3, 2), b(3, 2), q(3, 2);
  pi << 0, 1, 0.5, 0.5, 1, 0;
  b << 0.75, 0.25, 0.5, 0.5, 1, 0;
  q << 1, 2, 3, 4, 0, 0;
  const Nuisances given{.behavior = b, .values = {tessera::tabular::mean_under(pi, q), q}, .visit_ratio = q};
  auto log = small_log();
  log.steps[4].ended = false;  // the last episode stopped in state 1
  log.steps[4].next = 1;
  const auto seen = evaluation_log(log, pi, 0.9, std::span(&given, 1));
  require_sound(seen);
  CHECK(seen.offsets == std::vector<std::int64_t>{0, 1, 2, 4, 5});
  CHECK(seen.log_ratio[0] == -std::numeric_limits<double>::infinity());
  CHECK(seen.log_ratio[4] == Approx(std::log(4)));
  CHECK((seen.q[3] == 4 && seen.v[3] == 3.5 && seen.v[0] == 2 && seen.weight[4] == 2));
  CHECK((seen.truncated == std::vector<std::uint8_t>{0, 0, 0, 1} && seen.v_end[3] == 3.5));
  const Nuisances none;
  CHECK_FALSE(evaluation_log(log, pi, 0.9, std::span(&none, 1)).has_ratios());
  const Nuisances other{.behavior = Table::Ones(2, 2)};
  CHECK_THROWS_WITH(evaluation_log(log, pi, 0.9, std::span(&other, 1)), Contains("the same problem"));
  Table never = b;
  never(0, 0) = 0;
  const Nuisances impossible{.behavior = never};
  CHECK_THROWS_WITH(evaluation_log(log, pi, 0.9, std::span(&impossible, 1)), Contains("positive probability"));
}

TEST_CASE("on one's own log, without a prior, the corrections of a fitted Q add up to nothing", "[ope][tabular]") {
  const auto mdp = from_state_0(random_mdp(2, 1));
  tessera::Random random(6);
  const auto b = random_policy(random, 7, 4), pi = random_policy(random, 7, 4);
  const auto task = tessera::TabularTask::one_hot("random", mdp, 10'000);
  auto log = tessera::tabular::log_episodes(task, b, 400, 10'000, 1);
  const auto seen = fitted_log(7, log, pi, 1, {.kappa = 0, .alpha = 0, .parts = 1});
  // With discount 1 the model's visits under the counted behavior are the log's own.
  CHECK(value_of<MarginalizedDr>(seen) == Approx(value_of<FittedQ>(seen)));
  CHECK(value_of<MarginalizedIs>(seen) == Approx(value_of<FittedQ>(seen)));
}

TEST_CASE("fitted on many episodes, all are near the truth", "[ope][tabular]") {
  const auto mdp = from_state_0(random_mdp(2));
  tessera::Random random(6);
  const auto b = random_policy(random, 7, 4);
  // Near the behavior policy: episodes have some seven steps, and ratios of the whole a variance that grows with each.
  const Table pi = 0.7 * b + 0.3 * random_policy(random, 7, 4);
  const double truth = tessera::tabular::expected_return(mdp, pi);
  const auto task = tessera::TabularTask::one_hot("random", mdp, 200);
  const auto log = tessera::tabular::log_episodes(task, b, 4000, 200, 2);
  for (const bool known : {false, true}) {
    TabularOptions options;
    if (known) options.behavior = b;
    const auto seen = fitted_log(7, log, pi, mdp.discount(), options);
    for (const auto* name : {"fqe", "wpdis", "dr", "wdr", "mis", "mdr"}) {
      const auto found = estimate(name, seen);
      CAPTURE(name, known, truth, found.value, found.interval.low, found.interval.high);
      CHECK(found.value == Approx(truth).margin(0.06));
      CHECK(found.interval.low < found.value);
      CHECK(found.value < found.interval.high);
    }
  }
  CHECK_THROWS_WITH(fitted_log(7, log, pi, 0.9, {.parts = 0}), Contains("0 parts of 4000 episodes"));
}
