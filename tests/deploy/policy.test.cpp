#include <tessera/deploy/policy.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "helpers/programs.hpp"

namespace {
namespace {
using namespace tessera::deploy;
}  // namespace
// One value of `what` at a row, and at further rows that are known.
std::vector<float> applied(op what, std::vector<float> x, Value v = {}) {
  Program p;
  const auto n = std::int64_t(x.size());
  p.signature = {.observation_size = n,
                 .action_size = n,
                 .action_low = std::vector<float>(x.size(), -1e9f),
                 .action_high = std::vector<float>(x.size(), 1e9f)};
  append(p, {.what = op::observation, .columns = n});
  v.what = what, v.in = {0};
  append(p, std::move(v));
  return Policy(p).act(x);
}
std::vector<float> acted(const Program& p, std::vector<float> x) { return Policy(p).act(x); }
}  // namespace

TEST_CASE("a small policy acts as computed by hand") {
  // x = (1, -0.5): h = relu(1 - 1, -1 - 0.25 + 0.25) = (0, 0), a = 1 + 2 tanh 0.1
  CHECK(acted(support::small_policy(), {1, -0.5f})[0] == Approx(1 + 2 * std::tanh(0.1)).epsilon(1e-6));
  // x = (2, 1): h = relu(2 + 2, -2 + 0.5 + 0.25) = (4, 0), a = 1 + 2 tanh 2.1
  CHECK(acted(support::small_policy(), {2, 1})[0] == Approx(1 + 2 * std::tanh(2.1)).epsilon(1e-6));
  // x = (-2, 1): h = relu(-2 + 2, 2 + 0.5 + 0.25) = (0, 2.75), a = 1 + 2 tanh(-2.65)
  CHECK(acted(support::small_policy(), {-2, 1})[0] == Approx(1 + 2 * std::tanh(-2.65)).epsilon(1e-6));
  // However far: the bounds.
  CHECK(acted(support::small_policy(), {1e30f, 1e30f})[0] == 3);
  CHECK(acted(support::small_policy(), {-1e30f, 0})[0] == -1);
}
TEST_CASE("operations are what they are said to be") {
  CHECK(applied(op::relu, {-1, 2}) == std::vector<float>{0, 2});
  CHECK(applied(op::clamp, {-5, 0.5f, 7}, {.low = -1, .high = 2}) == std::vector<float>{-1, 0.5f, 2});
  CHECK(applied(op::tanh, {0.5f})[0] == Approx(0.46211716));
  CHECK(applied(op::silu, {1})[0] == Approx(0.73105858));
  CHECK(applied(op::gelu, {1})[0] == Approx(0.84119199));
  CHECK(applied(op::mish, {1})[0] == Approx(0.86509839));
  CHECK(applied(op::mish, {50})[0] == 50);
  CHECK(applied(op::exp, {1})[0] == Approx(2.71828183));
}
TEST_CASE("LayerNorm by hand") {
  Program p;
  p.signature = {.observation_size = 2, .action_size = 2, .action_low = {-9, -9}, .action_high = {9, 9}};
  append(p, {.what = op::observation, .columns = 2});
  const auto gain = constant(p, 1, 2, {2, 3}), shift = constant(p, 1, 2, {0.5f, -0.5f});
  append(p, {.what = op::layer_norm, .in = {0, gain, shift}, .low = 0.25f});
  // mean 2, variance 1: (-1, 1) / sqrt(1.25) by gain and shift
  const auto y = acted(p, {1, 3});
  CHECK(y[0] == Approx(0.5 - 2 / std::sqrt(1.25)));
  CHECK(y[1] == Approx(-0.5 + 3 / std::sqrt(1.25)));
}
TEST_CASE("a discrete policy gives the code of the best action, the first of equal ones") {
  Policy policy(support::small_discrete_policy());
  CHECK(policy.code(std::vector<float>{2, 1}) == 5);
  CHECK(policy.code(std::vector<float>{1, 2}) == 6);
  CHECK(policy.code(std::vector<float>{-1, -2}) == 7);
  CHECK(policy.code(std::vector<float>{1, 1}) == 5);
  CHECK_THROWS_AS(Policy(support::small_policy()).code(std::vector<float>{1, 1}), tessera::Error);
}
TEST_CASE("of actions that noise makes the best is taken") {
  Policy policy(support::small_best_of());
  CHECK(policy.noise_size() == 3);
  std::vector<float> action(1);
  policy.act(std::vector<float>{0.5f}, std::vector<float>{-1, 0.25f, 2}, action);
  CHECK(action[0] == 0.75f);  // Q of -0.5, 0.75, 2.5: -2.25, -0.0625, -2.25
  CHECK_THROWS_AS(policy.act(std::vector<float>{0.5f}, action), tessera::Error);
  auto fixed = support::small_best_of();
  fix_noise(fixed, {-1, 0.25f, 2});
  CHECK(acted(fixed, {0.5f})[0] == 0.75f);
}
TEST_CASE("actions without support are not taken") {
  Program p;
  p.signature = {.observation_size = 3, .action_size = 3, .discrete = true};
  const auto q = append(p, {.what = op::observation, .columns = 3});
  const auto f = constant(p, 1, 3, {0, -0.5f, -3});
  const auto kept = append(p, {.what = op::likely, .in = {q, f}, .low = -1});
  append(p, {.what = op::argmax, .in = {kept}});
  CHECK(acted(p, {-7, -6, 100})[0] == 1);
  CHECK(acted(p, {-5, -6, 100})[0] == 0);
}
TEST_CASE("what is not finite is refused, and leaves the action as it was") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  Policy policy(support::small_policy());
  float action = 7;
  for (const float bad : {nan, inf, -inf}) {
    const float x[] = {0, bad};
    CHECK(policy.try_act(x, &action) == outcome::observation_not_finite);
    CHECK_THROWS_AS(policy.act(std::vector<float>{bad, 0}), tessera::Error);
  }
  const float far[] = {3e38f, 3e38f};  // 3 of these are infinite, and infinity less infinity no number
  CHECK(policy.try_act(far, &action) == outcome::acted);
  CHECK(action == 3);
  Policy discrete(support::small_discrete_policy());
  CHECK(discrete.try_act(far, &action) == outcome::acted);
  Policy best(support::small_best_of());
  const float x = 3e38f, noise[] = {1, nan, 2};
  CHECK(best.try_act(&x, noise, &action) == outcome::observation_not_finite);
  action = 7;
  auto overflows = support::small_policy();
  overflows.values[2].numbers = {0, 0};
  overflows.values[1].numbers = {1e38f, -1e38f, -1e38f, 1e38f};
  overflows.values[5].numbers = {1e38f, -1e38f};
  overflows.values.erase(overflows.values.begin() + 4);  // the relu
  for (auto& v : overflows.values)
    for (auto& i : v.in) i -= i >= 4;
  CHECK(Policy(overflows).try_act(far, &action) == outcome::action_not_finite);
  CHECK(action == 7);
}
TEST_CASE("sizes are checked, and a copy acts by itself") {
  Policy policy(support::small_policy());
  std::vector<float> action(1), two(2);
  CHECK_THROWS_AS(policy.act(std::vector<float>{1}), tessera::Error);
  CHECK_THROWS_AS(policy.act(std::vector<float>{1, 2}, two), tessera::Error);
  auto copy = policy;
  CHECK(copy.act(std::vector<float>{2, 1}) == policy.act(std::vector<float>{2, 1}));
  CHECK(copy.hash() == content_hash(support::small_policy()));
  auto unsound = support::small_policy();
  unsound.values[3].in[0] = 100;
  CHECK_THROWS_AS(Policy(unsound), tessera::Error);
}
