#include <tessera/train/fitted_q.hpp>
//
#include <tessera/nn/torch.hpp>

#include <catch2/catch.hpp>
#include <tessera/io/from_arrays.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/support/random.hpp>

using namespace tessera;

namespace {
// A chain of three states in one-hot form: action 0 stays for nothing; action 1 goes on for 1, and from the last state
// out of the task for 2.
Dataset chain() {
  std::vector<float> s, r, after;
  std::vector<std::int64_t> a;
  std::vector<std::uint8_t> ended, cut;
  Random random(3);
  for (int episode = 0; episode < 200; ++episode) {
    int at = int(random.below(3));
    for (int t = 0; t < 12; ++t) {
      const bool on = random.uniform() < 0.5;
      const int to = at + (on && at < 2);
      for (int j = 0; j < 3; ++j) s.push_back(float(j == at)), after.push_back(float(j == to));
      a.push_back(on), r.push_back(!on ? 0.0f : at == 2 ? 2.0f : 1.0f);
      ended.push_back(on && at == 2), cut.push_back(!ended.back() && t == 11);
      if (ended.back()) break;
      at = to;
    }
  }
  return dataset_from_arrays({.name = "chain",
                              .observation_size = 3,
                              .action_size = 2,
                              .observations = s,
                              .next_observations = after,
                              .action_indices = a,
                              .rewards = r,
                              .terminals = ended,
                              .timeouts = cut});
}
const at::Tensor states_of_chain = at::eye(3);

// s' = 0.9 s + 0.1 a,  r = -s^2, from states and actions anywhere.
Dataset line() {
  std::vector<float> s, a, r, after;
  Random random(5);
  for (int i = 0; i < 4000; ++i) {
    s.push_back(float(random.uniform(-1.5, 1.5))), a.push_back(float(random.uniform(-3, 3)));
    r.push_back(-s.back() * s.back()), after.push_back(0.9f * s.back() + 0.1f * a.back());
  }
  const std::vector<std::uint8_t> none(s.size(), 0), cut(s.size(), 1);
  return dataset_from_arrays({.name = "line",
                              .observation_size = 1,
                              .action_size = 1,
                              .observations = s,
                              .next_observations = after,
                              .actions = a,
                              .rewards = r,
                              .terminals = none,
                              .timeouts = cut});
}
// a = -s + e / 2, e ~ N(0, 1).
ope::TargetPolicy noisy() {
  ope::TargetPolicy out{.discrete = false, .observation_size = 1, .action_size = 1};
  out.draws = true;
  out.act = [](const at::Tensor& x, std::int64_t key) {
    return at::Tensor(0.5 * at::randn(x.sizes(), nn::generator(at::kCPU, 1, 2, std::uint64_t(key)), x.options()) - x);
  };
  return out;
}
std::vector<double> numbers(const at::Tensor& x) {
  const auto y = x.to(at::kDouble).contiguous();
  return {y.data_ptr<double>(), y.data_ptr<double>() + y.numel()};
}
}  // namespace

TEST_CASE("the value of a policy of known probabilities on a chain", "[train][ope]") {
  ope::TargetPolicy policy{.discrete = true, .observation_size = 3, .action_size = 2};
  policy.draws = true;
  policy.log_probabilities = [](const at::Tensor& x) {
    return at::tensor({0.25f, 0.75f}).log().expand({x.size(0), 2});
  };
  const auto data = chain();
  auto value = ope::fit_value(data, policy, {.discount = 0.9, .updates = 3000, .batch = 64, .hidden = {32, 32}});
  // V(s) = (0.75 (r + 0.9 V(s + 1))) / (1 - 0.25 * 0.9), with V = 0 behind the last state.
  const auto v = numbers(value.v(states_of_chain));
  CHECK(v[2] == Approx(1.935484).margin(0.06));
  CHECK(v[1] == Approx(2.653486).margin(0.06));
  CHECK(v[0] == Approx(3.278842).margin(0.08));
  // Q(0, stay) = 0.9 V(0), Q(0, on) = 1 + 0.9 V(1).
  const auto q = numbers(value.q(states_of_chain.narrow(0, 0, 1).expand({2, 3}), at::tensor({0, 1}, at::kLong)));
  CHECK(q[0] == Approx(0.9 * 3.278842).margin(0.08));
  CHECK(q[1] == Approx(1 + 0.9 * 2.653486).margin(0.08));
  CHECK(value.updates() == 3000);

  SECTION("what was fitted in two parts is the same") {
    ope::PolicyValue parts(data, policy, {.discount = 0.9, .updates = 200, .batch = 64, .hidden = {32, 32}});
    auto whole = ope::fit_value(data, policy, {.discount = 0.9, .updates = 200, .batch = 64, .hidden = {32, 32}});
    parts.fit(80), parts.fit(120);
    CHECK(at::equal(parts.v(states_of_chain), whole.v(states_of_chain)));
  }
  SECTION("a discount of 1 needs episodes that end") {
    CHECK_THROWS_WITH(ope::PolicyValue(data, policy, {.discount = 1.0}),
                      Catch::Contains("with a discount of 1") && Catch::Contains("truncated"));
  }
  SECTION("data of another task") {
    policy.observation_size = 4;
    CHECK_THROWS_WITH(ope::PolicyValue(data, policy, {}), Catch::Contains("chain: has observations of size 3"));
  }
}

TEST_CASE("the value of a policy that draws continuous actions", "[train][ope]") {
  const auto data = line();
  auto value = ope::fit_value(data, noisy(), {.discount = 0.9, .updates = 4000, .batch = 128, .hidden = {64, 64}});
  // s' = 0.8 s + 0.05 e, so that V(s) = -(A s^2 + B) with A = 1 / (1 - 0.9 * 0.64) and B = 0.9 A 0.05^2 / (1 - 0.9).
  const double a = 1 / (1 - 0.9 * 0.64), b = 0.9 * a * 0.0025 / 0.1;
  const auto v = numbers(value.v(at::tensor({-1.0f, 0.0f, 0.5f, 1.0f}).unsqueeze(1)));
  CHECK(v[0] == Approx(-(a + b)).margin(0.12));
  CHECK(v[1] == Approx(-b).margin(0.12));
  CHECK(v[2] == Approx(-(a * 0.25 + b)).margin(0.12));
  CHECK(v[3] == Approx(-(a + b)).margin(0.12));
  // Q(s, a) = r + 0.9 V(s'), at an action of the log's: s' = 0.9 + 0.2 = 1.1.
  const auto q = numbers(value.q(at::tensor({1.0f}).unsqueeze(1), at::tensor({2.0f}).unsqueeze(1)));
  CHECK(q[0] == Approx(-1 - 0.9 * (a * 1.21 + b)).margin(0.15));
  // Each member says about the same, and none the same.
  const auto each = value.member_values(at::tensor({1.0f}).unsqueeze(1));
  CHECK(each.size(0) == 2);
  CHECK(!at::equal(each[0], each[1]));
}

TEST_CASE("rewards are scaled by the log's discounted returns", "[train][ope]") {
  // Two episodes, of rewards (1, 2) and (3): returns from each step on with gamma = 1/2 are 2, 2 and 3.
  const auto data = dataset_from_arrays({.name = "two",
                                         .observation_size = 1,
                                         .action_size = 1,
                                         .observations = std::vector<float>{0, 1, 2},
                                         .next_observations = std::vector<float>{1, 5, 6},
                                         .actions = std::vector<float>{0, 1, 0.5},
                                         .rewards = std::vector<float>{1, 2, 3},
                                         .terminals = std::vector<std::uint8_t>{0, 1, 1}});
  CHECK(ope::detail::value_scale(data, 0.5) == Approx(1 / std::sqrt((4.0 + 4 + 9) / 3)));
  CHECK(ope::value_is_finite(data, 1.0));
  CHECK_FALSE(ope::value_is_finite(line(), 1.0));
  CHECK(ope::value_is_finite(line(), 0.999));
}

TEST_CASE("fitted Q evaluation follows a policy that changes", "[train][ope]") {
  const auto data = chain();
  double on = 0.25;  // the probability of going on
  ope::TargetPolicy policy{.discrete = true, .observation_size = 3, .action_size = 2};
  policy.draws = true;
  policy.log_probabilities = [&on](const at::Tensor& x) {
    return at::tensor({float(1 - on), float(on)}).log().expand({x.size(0), 2});
  };
  ope::PolicyValue value(data, policy, {.discount = 0.9, .batch = 64, .hidden = {32, 32}});
  value.fit(1500);
  on = 0.75;
  value.follow(data);
  value.fit(1500);
  CHECK(value.updates() == 3000);
  // As above, of the policy as it is now: 1.935, 2.653, 3.279; with 1/4 it would be 1.538, 1.834, 2.039.
  const auto v = numbers(value.v(states_of_chain));
  CHECK(v[2] == Approx(1.935484).margin(0.08));
  CHECK(v[0] == Approx(3.278842).margin(0.12));

  SECTION("of continuous actions their limits are known") {
    ope::PolicyValue of_noisy(line(), noisy(), {.discount = 0.9, .hidden = {8}});
    CHECK_THROWS_WITH(of_noisy.follow(line()), Catch::Contains("the limits of its actions are not known"));
  }
}
