#include <tessera/sources/log_episodes.hpp>

#include <array>
#include <catch2/catch.hpp>

#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>

using tessera::CartPole;
using tessera::Pendulum;
using tessera::Random;

namespace {
std::int64_t push_right(const float*, Random&) { return 1; }
std::int64_t push_any(const float*, Random& random) { return static_cast<std::int64_t>(random.below(2)); }
float noise(const float*, Random& random) { return static_cast<float>(random.uniform(-2, 2)); }
}  // namespace

TEST_CASE("logged episodes end where the task ends", "[data][log_episodes]") {
  const auto rows = tessera::log_episodes<CartPole>(20, 200, 5, std::array<tessera::Behavior<CartPole>, 1>{push_right});
  std::int64_t ends = 0, since = 0;
  for (std::size_t i = 0; i < rows.rewards.size(); ++i) {
    REQUIRE(rows.rewards[i] == 1);
    REQUIRE(rows.timeouts[i] == 0);
    REQUIRE(rows.action_indices[i] == 1);
    ++since;
    if (rows.terminals[i] == 0) continue;
    CHECK((since >= 7 && since <= 12));
    since = 0;
    ++ends;
  }
  CHECK((ends == 20 && since == 0));
}

TEST_CASE("an episode that fails at the horizon is terminal, not cut", "[data][log_episodes]") {
  const std::array<tessera::Behavior<CartPole>, 1> right{push_right};
  const auto whole = tessera::log_episodes<CartPole>(1, 200, 5, right);
  const int length = static_cast<int>(whole.rewards.size());
  const auto same = tessera::log_episodes<CartPole>(1, length, 5, right);
  CHECK((same.terminals.back() == 1 && same.timeouts.back() == 0));
  const auto cut = tessera::log_episodes<CartPole>(1, length - 1, 5, right);
  CHECK((cut.terminals.back() == 0 && cut.timeouts.back() == 1));
}

TEST_CASE("a logged episode does not depend on how many there are", "[data][log_episodes]") {
  const std::array<tessera::Behavior<CartPole>, 2> policies{push_any, push_right};
  const auto few = tessera::log_episodes<CartPole>(3, 50, 9, policies),
             many = tessera::log_episodes<CartPole>(30, 50, 9, policies);
  CHECK(std::equal(few.observations.begin(), few.observations.end(), many.observations.begin()));
  CHECK(std::equal(few.action_indices.begin(), few.action_indices.end(), many.action_indices.begin()));
  const auto torque = tessera::log_episodes<Pendulum>(2, 10, 0, std::array<tessera::Behavior<Pendulum>, 1>{noise});
  CHECK((torque.actions.size() == 20 && torque.action_indices.empty() && torque.timeouts[9] == 1));
}

TEST_CASE("an episode is cut by the step that leaves the logged region", "[data][log_episodes]") {
  const std::array<tessera::Behavior<Pendulum>, 1> torque{noise};
  const auto begin = [](Pendulum& env, std::size_t i, Random&) { env.place(i, 0.1, 1); };
  const tessera::Region<Pendulum> near_upright{begin, [](const float* seen) { return seen[0] > 0.5f; }};
  const auto rows = tessera::log_episodes<Pendulum>(3, 200, 4, torque, near_upright);
  REQUIRE(rows.rewards.size() < 3 * 200);
  CHECK(rows.observations[2] == 1);
  for (std::size_t i = 0; i < rows.rewards.size(); ++i) {
    CHECK(rows.observations[3 * i] > 0.5f);
    CHECK((rows.next_observations[3 * i] > 0.5f) == (rows.timeouts[i] == 0));
    CHECK(rows.terminals[i] == 0);
  }
}
