#include <tessera/train/evaluation_log.hpp>
//
#include <tessera/nn/torch.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <tessera/io/from_arrays.hpp>
#include <tessera/ope/fitted_q.hpp>
#include <tessera/support/random.hpp>
#include <tessera/train/behavior_model.hpp>

using namespace tessera;

namespace {
// An episode of three steps that ends, and one of two that is cut; observations count the steps.
Dataset two_episodes() {
  return dataset_from_arrays({.name = "two",
                              .observation_size = 1,
                              .action_size = 2,
                              .observations = std::vector<float>{0, 1, 2, 10, 11},
                              .next_observations = std::vector<float>{1, 2, 3, 11, 12},
                              .action_indices = std::vector<std::int64_t>{0, 1, 1, 0, 1},
                              .rewards = std::vector<float>{1, 2, 3, 4, 5},
                              .propensities = std::vector<float>{0.5, 0.25, 0.5, 1, 0.5},
                              .terminals = std::vector<std::uint8_t>{0, 0, 1, 0, 0},
                              .timeouts = std::vector<std::uint8_t>{0, 0, 0, 0, 1}});
}
// Action 1 with probability 3/4 before step 10, and always from there on.
ope::TargetPolicy mostly_second() {
  ope::TargetPolicy out{.discrete = true, .observation_size = 1, .action_size = 2};
  out.draws = true;
  out.log_probabilities = [](const at::Tensor& x) {
    const auto p = at::where(x < 10, at::full_like(x, 0.75), at::ones_like(x));
    return at::cat({1 - p, p}, 1).log();
  };
  return out;
}
}  // namespace

TEST_CASE("a data set as the estimators see it", "[train][ope]") {
  const auto data = two_episodes();
  const auto log = ope::evaluation_log(data, mostly_second(), 0.9, ope::logged_log_propensities(data));
  ope::require_sound(log);
  CHECK(log.discount == 0.9);
  CHECK(log.offsets == std::vector<std::int64_t>{0, 3, 5});
  CHECK(log.truncated == std::vector<std::uint8_t>{0, 1});
  CHECK(log.rewards == std::vector<double>{1, 2, 3, 4, 5});
  CHECK_FALSE(log.has_values());
  // pi / b = (1/4) / (1/2), (3/4) / (1/4), (3/4) / (1/2), 0 / 1, 1 / (1/2)
  const std::vector<double> ratios{0.5, 3, 1.5, 0, 2};
  REQUIRE(log.log_ratio.size() == 5);
  for (std::size_t t = 0; t < 5; ++t) CHECK(std::exp(log.log_ratio[t]) == Approx(ratios[t]).margin(1e-6));
  CHECK(log.log_ratio[3] == -std::numeric_limits<double>::infinity());
  CHECK_FALSE(ope::evaluation_log(data, mostly_second(), 0.9).has_ratios());

  SECTION("with values: those behind the last step of an episode that was cut alone") {
    ope::PolicyValue value(data, mostly_second(), {.discount = 0.9, .updates = 0, .hidden = {8}});
    const auto filled = ope::evaluation_log(data, mostly_second(), 0.9, {}, &value);
    ope::require_sound(filled);
    CHECK(filled.v_end[0] == 0);
    CHECK(filled.v_end[1] == Approx(value.v(at::tensor({12.0f}).unsqueeze(1)).item<double>()));
    CHECK(filled.v[1] == Approx(value.v(at::tensor({1.0f}).unsqueeze(1)).item<double>()));
    CHECK(filled.q[1] == Approx(value.q(at::tensor({1.0f}).unsqueeze(1), at::tensor({1}, at::kLong)).item<double>()));
  }
  SECTION("fitted Q evaluation alone reads first states") {
    ope::PolicyValue value(data, mostly_second(), {.discount = 0.9, .updates = 0, .members = 3, .hidden = {8}});
    const auto first = ope::first_values(data, value);
    CHECK(first.sizes() == at::IntArrayRef{3, 2});
    const auto each = value.member_values(at::tensor({0.0f, 10.0f}).unsqueeze(1));
    CHECK(at::allclose(first, each.to(at::kDouble)));
    const auto alone = ope::fitted_estimate(data, value);
    const auto among = ope::estimate<ope::FittedQ>(ope::evaluation_log(data, mostly_second(), 0.9, {}, &value));
    CHECK(alone.name == "fqe");
    CHECK(alone.value == Approx(among.value));
    CHECK(alone.interval.low == Approx(among.interval.low));
    CHECK(alone.interval.high == Approx(among.interval.high));
    CHECK(alone.notes == among.notes);
  }
  SECTION("a propensity of 0 of an action that was taken") {
    auto wrong = data;
    wrong.propensities[2] = 0;
    CHECK_THROWS_WITH(ope::logged_log_propensities(wrong), Catch::Contains("the propensity of transition 2 is 0"));
  }
}

TEST_CASE("what comes after an end of the task within an episode is left out", "[train][ope]") {
  auto data = two_episodes();
  data.terminals[1] = 1;  // as in a log that goes on where the task was done
  std::int64_t dropped = 0;
  const auto ranges = ope::episode_ranges(data, &dropped);
  REQUIRE(ranges.size() == 2);
  CHECK(ranges[0].count == 2);
  CHECK_FALSE(ranges[0].truncated);
  CHECK(ranges[1].truncated);
  CHECK(dropped == 1);
}

TEST_CASE("a model of the behavior speaks of episodes that it has not seen", "[train][ope]") {
  // Each episode has its own constant observation and its own constant action: whoever has seen it knows the action.
  std::vector<float> s, after, r;
  std::vector<std::int64_t> a;
  std::vector<std::uint8_t> cut;
  Random random(11);
  for (int e = 0; e < 60; ++e) {
    const float x = float(random.normal()), y = float(random.normal());
    const auto action = std::int64_t(random.below(2));
    for (int t = 0; t < 10; ++t) {
      s.push_back(x), s.push_back(y), after.push_back(-x), after.push_back(-y);
      a.push_back(action), r.push_back(0), cut.push_back(t == 9);
    }
  }
  const auto data = dataset_from_arrays({.name = "episodes",
                                         .observation_size = 2,
                                         .action_size = 2,
                                         .observations = s,
                                         .next_observations = after,
                                         .action_indices = a,
                                         .rewards = r,
                                         .terminals = std::vector<std::uint8_t>(r.size(), 0),
                                         .timeouts = cut});
  const ope::BehaviorModel model(data, {.updates = 600, .batch = 64});
  REQUIRE(model.complete());
  double mean = 0;
  for (const double l : model.log_propensities()) mean += std::exp(l) / double(a.size());
  // A model of what it has seen would say 0.95 and more.
  CHECK(mean > 0.3);
  CHECK(mean < 0.7);

  SECTION("where a policy does what the log hardly has") {
    ope::TargetPolicy other{.discrete = true, .observation_size = 2, .action_size = 2};
    other.act = [](const at::Tensor& x, std::int64_t) { return at::zeros({x.size(0)}, at::kLong); };
    CHECK(ope::rare_share(data, model, other) < 0.6);
  }
}

TEST_CASE("a model of Gaussian behavior knows its density in the units of the log", "[train][ope]") {
  // a ~ N(20 s, 3^2)
  std::vector<float> s, a, r, after;
  std::vector<std::uint8_t> cut;
  Random random(13);
  double truth = 0;
  for (int i = 0; i < 4000; ++i) {
    s.push_back(float(random.uniform(-1, 1)));
    const double e = random.normal();
    a.push_back(20 * s.back() + 3 * float(e)), r.push_back(0), after.push_back(-s.back()), cut.push_back(i % 10 == 9);
    truth += (-0.5 * e * e - std::log(3.0) - 0.918938533) / 4000;
  }
  const auto data = dataset_from_arrays({.name = "gauss",
                                         .observation_size = 1,
                                         .action_size = 1,
                                         .observations = s,
                                         .next_observations = after,
                                         .actions = a,
                                         .rewards = r,
                                         .terminals = std::vector<std::uint8_t>(r.size(), 0),
                                         .timeouts = cut});
  const ope::BehaviorModel model(data, {.updates = 1500, .batch = 128});
  double mean = 0;
  for (const double l : model.log_propensities()) mean += l / 4000;
  CHECK(mean == Approx(truth).margin(0.12));
  // Ten standard deviations away from what the log does, and in its middle.
  ope::TargetPolicy policy{.discrete = false, .observation_size = 1, .action_size = 1};
  policy.act = [](const at::Tensor& x, std::int64_t) { return at::Tensor(at::where(x > 0, 20 * x, 20 * x + 30)); };
  const double share = ope::rare_share(data, model, policy);
  CHECK(share > 0.4);
  CHECK(share < 0.6);
}

TEST_CASE("fitted Q evaluation that is fitted anew to resampled episodes", "[train][ope]") {
  const auto data = two_episodes();
  const ope::ValueOptions o{.discount = 0.9, .updates = 0, .hidden = {8}, .seed = 3};
  const auto values = ope::refitted_values(data, mostly_second(), o, 6);
  REQUIRE(values.size() == 6);
  // Each is a mean over two episodes, drawn with replacement, of networks of another seed: here such as they begin.
  for (std::size_t k = 0; k < values.size(); ++k) {
    auto own = o;
    own.seed = 4 + k;
    ope::PolicyValue fresh(data, mostly_second(), own);
    const auto v = ope::first_values(data, fresh).mean(0);
    const double a = v[0].item<double>(), b = v[1].item<double>();
    CHECK((values[k] == Approx(a) || values[k] == Approx(b) || values[k] == Approx((a + b) / 2)));
  }
  CHECK(values == ope::refitted_values(data, mostly_second(), o, 6));
  ope::Estimate fqe;
  fqe.value = 2, fqe.notes = {"another"};
  const auto wide = ope::with_refits(fqe, values);
  CHECK(wide.value == 2);
  CHECK(wide.interval.low == Approx(ope::student_interval(2, values).low));
  CHECK(wide.notes.size() == 1);
}

TEST_CASE("a value that is learned from some transitions alone", "[train][ope]") {
  // The episode that ends: with the third step alone, 3 and nothing after it, Q is 3 there.
  const auto data = two_episodes();
  auto value = ope::fit_value(data, mostly_second(),
                              {.discount = 0.9, .updates = 1500, .batch = 8, .hidden = {16}, .transitions = {2, 2}});
  CHECK(value.q(at::tensor({2.0f}).unsqueeze(1), at::tensor({1}, at::kLong)).item<double>() == Approx(3).margin(0.1));
}
