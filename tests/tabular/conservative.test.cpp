#include <tessera/tabular/conservative.hpp>

#include "support.hpp"

using namespace tessera::tabular;
using namespace support;

TEST_CASE("CQL's fixed points, by hand", "[tabular][conservative]") {
  // One state that ends with each action: Q = r - weight (mu / b), or - weight (mu / b - 1).
  const FiniteMdp mdp(
      {.states = 2, .actions = 2, .outcomes = {{0, 0, 1, 1, 1}, {0, 1, 1, 1, 2}}, .start = {1, 0}, .terminal = {1}});
  Table b(2, 2), mu(2, 2);
  b << 0.8, 0.2, 0.5, 0.5;
  mu << 0.4, 0.6, 0.5, 0.5;
  const Table down = conservative_action_values(mdp, mu, mu, b, 0.5, push_up::none);
  CHECK(down(0, 0) == Approx(1 - 0.5 * 0.5));
  CHECK(down(0, 1) == Approx(2 - 0.5 * 3));
  const Table both = conservative_action_values(mdp, mu, mu, b, 0.5, push_up::on_data);
  CHECK(both(0, 0) == Approx(1 + 0.5 * 0.5));
  CHECK(both(0, 1) == Approx(2 - 0.5 * 2));
  CHECK(both.row(1).norm() == 0);
  // Under its own behavior the two terms cancel.
  CHECK(conservative_penalty(mdp, b, b, 0.5, push_up::on_data).norm() == 0);
}

TEST_CASE("without the push up every value is a lower bound", "[tabular][conservative]") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const auto mdp = random_mdp(seed);
    tessera::Random random(seed, 7);
    const auto pi = random_policy(random, 7, 4), mu = random_policy(random, 7, 4), b = random_policy(random, 7, 4);
    const Table q = action_values(mdp, state_values(mdp, pi));
    CHECK(apart(conservative_action_values(mdp, pi, mu, b, 0, push_up::none), q) < 1e-12);
    Table before = q;
    for (const double weight : {0.01, 0.1, 1.0, 10.0}) {
      const Table low = conservative_action_values(mdp, pi, mu, b, weight, push_up::none);
      CHECK((before - low).topRows(6).minCoeff() > 0);  // lower with every weight
      // It solves Q = r + discount P^pi Q - weight mu / b.
      const Table again =
          action_values(mdp, mean_under(pi, low)) - conservative_penalty(mdp, mu, b, weight, push_up::none);
      CHECK(apart(again, low) < 1e-10);
      before = low;
    }
  }
}

TEST_CASE("with the push up the values are lower bounds, single pairs are not", "[tabular][conservative]") {
  int above = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const auto mdp = random_mdp(seed, 0.3);  // with .9 what lies ahead is so low that no pair stays above
    tessera::Random random(seed, 8);
    const auto pi = random_policy(random, 7, 4), b = random_policy(random, 7, 4);
    const Vector v = state_values(mdp, pi);
    const Table q = action_values(mdp, v);
    for (const double weight : {0.1, 1.0}) {
      const Table low = conservative_action_values(mdp, pi, pi, b, weight, push_up::on_data);
      // E_pi[pi / b - 1] = sum pi^2 / b - 1 >= 0 in every state, so V only falls.
      CHECK((v - mean_under(pi, low)).topRows(6).minCoeff() > 0);
      above += int(((low - q).array() > 1e-9).count());
    }
  }
  CHECK(above > 0);
}

TEST_CASE("a pair above its true value under the push up", "[tabular][conservative]") {
  // The pair of the first test that pi takes less often than b: mu / b = 1/2, so Q = 1.25 where the truth is 1.
  const FiniteMdp mdp(
      {.states = 2, .actions = 2, .outcomes = {{0, 0, 1, 1, 1}, {0, 1, 1, 1, 2}}, .start = {1, 0}, .terminal = {1}});
  Table b(2, 2), pi(2, 2);
  b << 0.8, 0.2, 0.5, 0.5;
  pi << 0.4, 0.6, 0.5, 0.5;
  const Table low = conservative_action_values(mdp, pi, pi, b, 0.5, push_up::on_data);
  CHECK(low(0, 0) > 1);
  CHECK(mean_under(pi, low)[0] == Approx(0.4 * 1.25 + 0.6 * 1));
  CHECK(mean_under(pi, low)[0] < 0.4 * 1 + 0.6 * 2);
}

TEST_CASE("what is taken off where the data have nothing", "[tabular][conservative]") {
  const auto mdp = two_states();
  Table b(2, 2), pi(2, 2);
  b << 1, 0, 0.5, 0.5;
  pi << 1, 0, 0.5, 0.5;
  CHECK(conservative_penalty(mdp, pi, b, 1, push_up::on_data)(0, 1) == 0);
  CHECK_THROWS_WITH(conservative_penalty(mdp, two_states_behavior(), b, 1, push_up::none),
                    Catch::Contains("state 0, action 1") && Catch::Contains("behavior has 0"));
  CHECK_THROWS_WITH(conservative_penalty(mdp, b, b, -1, push_up::none), Catch::Contains("weight -1"));
}

TEST_CASE("COMBO's fixed point: what only the model has seen falls below what the data have, exactly",
          "[tabular][conservative]") {
  // The true problem pays nothing for action 1 in state 0, which the data never take; the model's does.
  const FiniteMdp model({.states = 2,
                         .actions = 2,
                         .outcomes = {{0, 0, 0, 1, 0}, {0, 1, 1, 1, 1}, {1, 0, 1, 1, 1}, {1, 1, 0, 1, 0}},
                         .start = {1, 0},
                         .discount = 0.9});
  Table d(2, 2), imagined(2, 2), pi(2, 2);
  d << 0.5, 0, 0.25, 0.25;
  imagined << 0.25, 0.25, 0.25, 0.25;
  pi << 0.5, 0.5, 0.5, 0.5;
  const double f = 0.5;
  const Table mixed = f * d + (1 - f) * imagined;
  Table rho = pi;
  for (int s = 0; s < 2; ++s) rho.row(s) *= mixed.row(s).sum();
  // By hand: d_f = .375, .125, .25, .25 and rho = .25 everywhere.
  const Table penalty = mixed_penalty(model, rho, d, imagined, f, 1);
  CHECK(penalty(0, 0) == Approx((0.25 - 0.5) / 0.375));
  CHECK(penalty(0, 1) == Approx(0.25 / 0.125));
  CHECK(penalty(1, 0) == Approx(0).margin(1e-12));
  // What is given is what is taken: in the mean over a batch nothing.
  CHECK((penalty.array() * mixed.array()).sum() == Approx(0).margin(1e-12));
  const Table believed = penalized_action_values(model, pi, 0 * penalty),
              q = penalized_action_values(model, pi, penalty);
  CHECK(believed(0, 1) > believed(0, 0));
  CHECK(q(0, 1) < q(0, 0));
  const Table again = action_values(model, mean_under(pi, q)) - penalty;
  CHECK(apart(again, q) < 1e-10);
  CHECK_THROWS_WITH(mixed_penalty(model, rho, d, imagined, 1, 1), Catch::Contains("state 0, action 1"));
  CHECK_THROWS_WITH(mixed_penalty(model, rho, d, imagined, 2, 1), Catch::Contains("between 0 and 1"));
}

TEST_CASE("without a model COMBO's penalty is CQL's", "[tabular][conservative]") {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const auto mdp = random_mdp(seed);
    tessera::Random random(seed, 9);
    const auto mu = random_policy(random, 7, 4), b = random_policy(random, 7, 4);
    Table d = b / 7, rho = mu / 7;  // states at random
    const Table mixed = mixed_penalty(mdp, rho, d, d, 0.3, 0.5),
                plain = conservative_penalty(mdp, mu, b, 0.5, push_up::on_data);
    CHECK(apart(mixed.topRows(6), plain.topRows(6)) < 1e-12);
  }
}
