#include <tessera/tabular/evaluation.hpp>

#include <tessera/tabular/value_iteration.hpp>

#include "support.hpp"

using namespace tessera::tabular;
using namespace support;

namespace {
/// Tosses a coin until it shows heads, for 1 a toss: state 0 ends (state 1) with probability p.  Action 1 gives up.
FiniteMdp coin(double p, double discount = 1) {
  return FiniteMdp({.states = 2,
                    .actions = 2,
                    .outcomes = {{0, 0, 0, 1 - p, 1}, {0, 0, 1, p, 1}, {0, 1, 1, 1, 0}},
                    .start = {1, 0},
                    .discount = discount,
                    .terminal = {1}});
}
Table always(double first) {
  Table policy(2, 2);
  policy << first, 1 - first, 0.5, 0.5;
  return policy;
}
}  // namespace

TEST_CASE("values of the two-state problem under its behavior", "[tabular][evaluation]") {
  const auto mdp = two_states();
  const auto b = two_states_behavior();
  const Vector v = state_values(mdp, b);
  CHECK(v[0] == Approx(1.232877).epsilon(1e-6));
  CHECK(v[1] == Approx(1.917808).epsilon(1e-6));
  const Table q = action_values(mdp, v);
  CHECK(q(0, 1) == Approx(0.9 * v[1]));
  CHECK(q(1, 0) == Approx(1 + 0.9 * v[1]));
  CHECK(apart(mean_under(b, q), v) < 1e-12);
  CHECK(expected_return(mdp, b) == Approx(v[0]));
}

TEST_CASE("an end is not bootstrapped from, a loop is", "[tabular][evaluation]") {
  const FiniteMdp ended(
      {.states = 2, .actions = 1, .outcomes = {{0, 0, 1, 1, 1}}, .start = {1, 0}, .discount = 0.99, .terminal = {1}});
  CHECK(state_values(ended, uniform_policy(ended))[0] == Approx(1));
  const FiniteMdp loop({.states = 1, .actions = 1, .outcomes = {{0, 0, 0, 1, 1}}, .start = {1}, .discount = 0.99});
  CHECK(state_values(loop, uniform_policy(loop))[0] == Approx(100));
}

TEST_CASE("discount 1 where episodes end", "[tabular][evaluation]") {
  const auto mdp = coin(0.25);
  CHECK(expected_return(mdp, always(1)) == Approx(4));  // mean of a geometric distribution
  CHECK(expected_length(mdp, always(1)) == Approx(4));
  CHECK(expected_length(mdp, always(0)) == Approx(1));
  // With probability 1/2 of giving up an episode goes on with 3/8: 8/5 steps, of which half earn 1.
  CHECK(expected_length(mdp, always(0.5)) == Approx(1.6));
  CHECK(expected_return(mdp, always(0.5)) == Approx(0.8));
  const Table d = occupancy(mdp, always(0.5));
  CHECK(d(0, 0) == Approx(0.8));
  CHECK(d(0, 1) == Approx(0.8));
  CHECK(d.row(1).sum() == 0);
  // Its length does not depend on the discount of its return.
  CHECK(expected_length(coin(0.25, 0.5), always(1)) == Approx(4));
  CHECK(expected_return(coin(0.25, 0.5), always(1)) == Approx(1 / (1 - 0.5 * 0.75)));
}

TEST_CASE("discount 1 where an episode may never end", "[tabular][evaluation]") {
  const auto mdp = coin(0);
  CHECK_THROWS_WITH(expected_return(mdp, always(1)),
                    Catch::Contains("never ends from state 0") && Catch::Contains("discount below 1"));
  CHECK(expected_return(mdp, always(0.5)) == Approx(1));
  CHECK(expected_return(mdp.with_discount(0.9), always(1)) == Approx(10));
  CHECK_THROWS_WITH(expected_length(two_states(), two_states_behavior()), Catch::Contains("never ends"));
}

TEST_CASE("an MDP that is over at once", "[tabular][evaluation]") {
  const FiniteMdp mdp({.states = 1, .actions = 1, .outcomes = {}, .start = {1}, .terminal = {0}});
  CHECK(expected_return(mdp, uniform_policy(mdp)) == 0);
  CHECK(expected_length(mdp, uniform_policy(mdp)) == 0);
  CHECK(optimal_values(mdp).v[0] == 0);
}

TEST_CASE("returns are occupancy times reward, on random problems", "[tabular][evaluation]") {
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    for (const double discount : {0.5, 0.95, 1.0}) {
      const auto mdp = random_mdp(seed, discount);
      tessera::Random random(seed, 2);
      const auto policy = random_policy(random, mdp.states(), mdp.actions());
      const Table d = occupancy(mdp, policy);
      CHECK(d.cwiseProduct(mdp.rewards()).sum() == Approx(expected_return(mdp, policy)).epsilon(1e-10).margin(1e-12));
      if (discount == 1) CHECK(d.sum() == Approx(expected_length(mdp, policy)));
      // V = E_pi[Q], by substitution.
      const Vector v = state_values(mdp, policy);
      Vector again = mean_under(policy, action_values(mdp, v));
      CHECK(apart(again, v) < 1e-12);
    }
}
