#include <tessera/env/cartpole.hpp>

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include <tessera/env/check_environment.hpp>

using tessera::CartPole;

namespace {
struct Outcome {
  float reward = -1;
  std::uint8_t terminated = 2;
};
Outcome step(CartPole& env, std::int64_t action) {
  Outcome outcome;
  env.step(&action, &outcome.reward, &outcome.terminated);
  return outcome;
}
}  // namespace

TEST_CASE("the cart pole keeps the laws of an environment", "[env][cartpole]") {
  CHECK(tessera::environment_report<CartPole>());
  CHECK(CartPole(1, 200).horizon() == 200);
}

TEST_CASE("one step of the cart pole, computed by hand", "[env][cartpole]") {
  struct Step {
    std::array<double, 4> state;
    std::int64_t action;
    std::array<double, 4> next;
    int terminated;
  };
  const Step steps[] = {
      {{0, 0, 0, 0}, 1, {0, 0.195121951, 0, -0.292682927}, 0},
      {{0.1, -0.2, 0.05, 0.3}, 0, {0.096, -0.395797655, 0.056, 0.608023314}, 0},
      {{2.39, 1, 0, 0}, 1, {2.41, 1.195121951, 0, -0.292682927}, 1},
      {{0, 0, 0.2, 1}, 0, {0, -0.197151167, 0.22, 1.348240687}, 1},
  };
  for (const auto& s : steps) {
    CartPole env(1);
    env.place(0, s.state);
    const auto outcome = step(env, s.action);
    CHECK(outcome.reward == 1);
    CHECK(outcome.terminated == s.terminated);
    for (std::size_t j = 0; j < 4; ++j) CHECK(env.observations()[j] == Approx(s.next[j]).epsilon(1e-6));
  }
}

TEST_CASE("a cart pole pushed one way falls when an independent computation says so", "[env][cartpole]") {
  CartPole env(1);
  env.place(0, {0.01, -0.02, 0.03, 0.04});
  for (int t = 1; t < 10; ++t) REQUIRE(step(env, 1).terminated == 0);
  CHECK(step(env, 1).terminated == 1);
  CHECK(env.observations()[0] == Approx(0.18148412486073115).epsilon(1e-6));
  CHECK(env.observations()[1] == Approx(1.9330643896994748).epsilon(1e-6));
  CHECK(env.observations()[2] == Approx(-0.22356918082475483).epsilon(1e-6));
  CHECK(env.observations()[3] == Approx(-2.984082745435586).epsilon(1e-6));
}

TEST_CASE("a cart pole that has ended waits for a reset", "[env][cartpole]") {
  CartPole env(2, 500, 4);
  env.place(0, {0, 0, 13 * std::numbers::pi / 180, 0});
  const std::int64_t actions[] = {1, 1};
  float rewards[2];
  std::uint8_t terminated[2];
  env.step(actions, rewards, terminated);
  CHECK((rewards[0] == 0 && terminated[0] == 1));
  CHECK((rewards[1] == 1 && terminated[1] == 0));
  CHECK(env.observations()[2] == Approx(13 * std::numbers::pi / 180));
  CHECK(env.observations()[1] == 0);
  env.reset(4);
  env.step(actions, rewards, terminated);
  CHECK((rewards[0] == 1 && terminated[0] == 0));
}

TEST_CASE("the cart pole starts near the middle", "[env][cartpole]") {
  const CartPole env(500, 500, 9);
  for (int j = 0; j < 2000; ++j) REQUIRE(std::abs(env.observations()[j]) <= 0.05f);
}

TEST_CASE("wrong use of the cart pole is refused", "[env][cartpole]") {
  CHECK_THROWS_WITH(CartPole(-1), Catch::Contains("cartpole") && Catch::Contains("at least 1"));
  CartPole env(1);
  CHECK_THROWS_WITH(step(env, 2), Catch::Contains("action 2") && Catch::Contains("0 and 1"));
}
