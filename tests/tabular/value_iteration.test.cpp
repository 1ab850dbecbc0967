#include <tessera/tabular/value_iteration.hpp>

#include <cmath>

#include "support.hpp"

using namespace tessera::tabular;
using namespace support;

namespace {
void check(const Vector& v, double first, double second) {
  CHECK(v[0] == Approx(first).epsilon(1e-6));
  CHECK(v[1] == Approx(second).epsilon(1e-6));
}
/// A random problem, a behavior that leaves out some actions, and the actions it has.
struct Case {
  explicit Case(std::uint64_t seed) : mdp(random_mdp(seed)) {
    tessera::Random random(seed, 3);
    b = random_policy(random, mdp.states(), mdp.actions());
    for (Eigen::Index s = 0; s < b.rows(); ++s) {
      b(s, Eigen::Index(random.below(std::uint64_t(b.cols())))) = 0;
      b.row(s) /= b.row(s).sum();
    }
  }
  FiniteMdp mdp;
  Table b;
};
}  // namespace

TEST_CASE("fixed points of the two-state problem", "[tabular][iteration]") {
  const auto mdp = two_states();
  const auto b = two_states_behavior();
  check(expectile_values(mdp, b, 0.5).v, 1.232877, 1.917808);
  check(expectile_values(mdp, b, 0.7).v, 3.308327, 4.306077);
  check(expectile_values(mdp, b, 0.9).v, 6.896878, 8.003784);
  check(optimal_values(mdp).v, 9, 10);

  struct {
    double alpha, v[2], leave, stay;
  } const expected[] = {{10, {1.343271, 2.070257}, 0.210674, 0.541263},
                        {1, {3.129164, 4.287787}, 0.414951, 0.885214},
                        {0.1, {8.215245, 9.306853}, 0.999784, 1.000000}};
  for (const auto& e : expected) {
    const auto [v, q] = kl_values(mdp, b, e.alpha);
    check(v, e.v[0], e.v[1]);
    const Table pi = kl_policies(q, b, e.alpha);
    CHECK(pi(0, 1) == Approx(e.leave).margin(1e-6));
    CHECK(pi(1, 0) == Approx(e.stay).margin(1e-6));
  }
  const Table q = kl_values(mdp, b, 1).q;
  CHECK(q(0, 0) == Approx(2.816248).epsilon(1e-6));
  CHECK(q(0, 1) == Approx(3.859008).epsilon(1e-6));
  CHECK(q(1, 0) == Approx(4.859008).epsilon(1e-6));
  CHECK(q(1, 1) == Approx(2.816248).epsilon(1e-6));
  const Table best = greedy_policy(optimal_values(mdp).q);
  CHECK(best(0, 1) == 1);
  CHECK(best(1, 0) == 1);
  CHECK(best.sum() == 2);
}

TEST_CASE("the limits of the levels, on random problems", "[tabular][iteration]") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Case c(seed);
    const Vector behavior = state_values(c.mdp, c.b);
    const auto in_sample = in_sample_values(c.mdp, c.b);
    CHECK(apart(expectile_values(c.mdp, c.b, 0.5).v, behavior) < 1e-10);
    CHECK(apart(kl_values(c.mdp, c.b, 1e7).v, behavior) < 1e-5);
    CHECK(apart(sparse_values(c.mdp, c.b, 1e3).v, behavior) < 1e-10);
    // Upwards in tau, and to the maximum over the behavior's actions, never beyond.
    double distance = 1e9;
    for (const double tau : {0.5, 0.9, 0.99, 0.9999, 0.999999}) {
      const Vector v = expectile_values(c.mdp, c.b, tau).v;
      CHECK((in_sample.v - v).minCoeff() > -1e-10);
      CHECK(apart(in_sample.v, v) < distance);
      distance = apart(in_sample.v, v);
    }
    CHECK(distance < 1e-3);
    CHECK(apart(kl_values(c.mdp, c.b, 1e-6).v, in_sample.v) < 1e-4);
    CHECK(apart(quantile_values(c.mdp, c.b, 1 - 1e-9).v, in_sample.v) < 1e-10);
    // All actions allowed, it is the optimum, which is better; its greedy policy has its value.
    const auto best = optimal_values(c.mdp);
    CHECK((best.v - in_sample.v).minCoeff() > -1e-10);
    CHECK(apart(in_sample_values(c.mdp, Table::Ones(7, 4)).v, best.v) < 1e-10);
    CHECK(apart(state_values(c.mdp, greedy_policy(best.q)), best.v) < 1e-10);
    CHECK(apart(state_values(c.mdp, greedy_policy(in_sample.q, c.b)), in_sample.v) < 1e-10);
  }
}

TEST_CASE("MaxEnt on a reward with the log prior is KL-regularized value iteration", "[tabular][iteration]") {
  for (std::uint64_t seed = 0; seed < 6; ++seed)
    for (const double alpha : {0.1, 1.0, 3.0}) {
      const Case c(seed);
      const auto kl = kl_values(c.mdp, c.b, alpha);
      const auto soft = soft_values(with_log_prior(c.mdp, c.b, alpha), c.b, alpha);
      CHECK(apart(soft.v, kl.v) < 1e-10);
      for (std::int64_t s = 0; s + 1 < c.mdp.states(); ++s)
        for (std::int64_t a = 0; a < c.mdp.actions(); ++a)
          if (c.b(s, a) > 0) CHECK(soft.q(s, a) - kl.q(s, a) == Approx(alpha * std::log(c.b(s, a))).margin(1e-10));
    }
}

TEST_CASE("soft values without a prior", "[tabular][iteration]") {
  // One state, one step: alpha log(e^{1/alpha} + e^{2/alpha}).
  const FiniteMdp mdp(
      {.states = 2, .actions = 2, .outcomes = {{0, 0, 1, 1, 1}, {0, 1, 1, 1, 2}}, .start = {1, 0}, .terminal = {1}});
  CHECK(soft_values(mdp, 0.5).v[0] == Approx(0.5 * std::log(std::exp(2.0) + std::exp(4.0))));
}

TEST_CASE("which actions the data support", "[tabular][iteration]") {
  Table counts(3, 3);
  counts << 5, 1, 0, 2, 2, 1, 0, 0, 0;
  Table expected(3, 3);
  expected << 1, 0, 0, 0, 0, 0, 0, 0, 0;
  CHECK(supported(counts, 5) == expected);
  expected << 1, 1, 0, 1, 1, 1, 0, 0, 0;
  CHECK(supported(counts, 1) == expected);
  // Nothing is supported in state 1: its value is 0, and its policy another's.
  Table allowed(2, 2);
  allowed << 1, 1, 0, 0;
  const auto solved = in_sample_values(two_states(), allowed);
  CHECK(solved.v == Vector::Zero(2));
  const Table policy = with_fallback(greedy_policy(solved.q, allowed), two_states_behavior());
  CHECK(policy.row(0) == Row::Unit(2, 0));
  CHECK(policy.row(1) == two_states_behavior().row(1));
}

TEST_CASE("discount 1 where episodes end, and where they need not", "[tabular][iteration]") {
  // To go on costs 1 and ends with probability 1/2, to give up costs 3: going on costs 2 in the mean.
  const FiniteMdp mdp({.states = 2,
                       .actions = 2,
                       .outcomes = {{0, 0, 0, 0.5, -1}, {0, 0, 1, 0.5, -1}, {0, 1, 1, 1, -3}},
                       .start = {1, 0},
                       .terminal = {1}});
  CHECK(optimal_values(mdp).v[0] == Approx(-2));
  const FiniteMdp endless({.states = 1, .actions = 1, .outcomes = {{0, 0, 0, 1, 1}}, .start = {1}});
  CHECK_THROWS_WITH(optimal_values(endless, {.max = 1000}), Catch::Contains("no fixed point in 1000 sweeps"));
  CHECK_THROWS_WITH(kl_values(two_states(), Table::Zero(2, 2), 1), Catch::Contains("must be a distribution"));
}

TEST_CASE("the closed form is the best policy for its KL budget", "[tabular][iteration]") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const Case c(seed);
    tessera::Random random(seed, 5);
    const Table q = optimal_values(c.mdp).q.topRows(6), b = c.b.topRows(6);
    const auto p = random_distribution(random, 6);
    const Vector weights = Eigen::Map<const Vector>(p.data(), 6);
    for (const double budget : {0.01, 0.1, 0.4}) {
      const double alpha = alpha_for_kl(q, b, weights, budget);
      const Table best = kl_policies(q, b, alpha);
      CHECK(mean_kl(best, b, weights) == Approx(budget).epsilon(1e-9));
      const double value = weights.dot(mean_under(best, q));
      int within = 0;
      for (int i = 0; i < 400; ++i) {
        // Toward another policy on the same actions, as far as a random step goes; kept where it is within the budget.
        Table other = random_policy(random, 6, 4).cwiseProduct(b.unaryExpr([](double x) { return x > 0 ? 1.0 : 0.0; }));
        for (Eigen::Index s = 0; s < 6; ++s) other.row(s) /= other.row(s).sum();
        const double step = std::pow(10, random.uniform(-4, 0));
        other = (1 - step) * best + step * other;
        if (mean_kl(other, b, weights) > budget) continue;
        ++within;
        CHECK(weights.dot(mean_under(other, q)) <= value + 1e-12);
      }
      CHECK(within > 10);
    }
  }
}
