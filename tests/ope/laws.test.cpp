#include <cmath>

#include <tessera/ope/estimators.hpp>
#include <tessera/ope/tabular.hpp>

#include "support.hpp"
#include "tabular/support.hpp"

using namespace support;
using namespace tessera::ope;
using tessera::tabular::FiniteMdp;
using tessera::tabular::MdpParts;

namespace {
// From state 0 to 1 or 2, from 1 to 2 or the end, from 2 to the end, with random probabilities and rewards.
FiniteMdp three_layers(std::uint64_t seed, bool certain) {
  tessera::Random random(seed);
  MdpParts parts{.states = 4, .actions = 2, .start = {1, 0, 0, 0}, .discount = 0.8, .terminal = {3}};
  const auto leads = [&](std::int64_t s, std::int64_t a, std::int64_t near, std::int64_t far) {
    const double p = certain ? double(a) : random.uniform(0.2, 0.8);
    if (p > 0) parts.outcomes.push_back({s, a, near, p, random.uniform(-1, 1)});
    if (p < 1) parts.outcomes.push_back({s, a, far, 1 - p, random.uniform(-1, 1)});
  };
  for (std::int64_t a = 0; a < 2; ++a) {
    leads(0, a, 1, 2);
    leads(1, a, 2, 3);
    parts.outcomes.push_back({2, a, 3, 1, random.uniform(-1, 1)});
  }
  return FiniteMdp(std::move(parts));
}

// Every episode that the behavior policy can have, once, and with which probability.
struct Enumerated {
  tessera::tabular::Log log;
  std::vector<double> probability;
};
void extend(const FiniteMdp& mdp, const Table& b, std::vector<tessera::tabular::Step>& steps, std::int64_t s, double p,
            Enumerated& into) {
  if (mdp.terminal(s)) {
    into.log.first.push_back(std::int64_t(into.log.steps.size()));
    into.log.steps.insert(into.log.steps.end(), steps.begin(), steps.end());
    into.probability.push_back(p);
    return;
  }
  for (std::int64_t a = 0; a < mdp.actions(); ++a)
    mdp.each_outcome(s, a, [&](std::int64_t after, double share, double reward) {
      steps.push_back({s, a, after, reward, mdp.terminal(after)});
      extend(mdp, b, steps, after, p * b(s, a) * share, into);
      steps.pop_back();
    });
}
Enumerated every_episode(const FiniteMdp& mdp, const Table& b) {
  Enumerated out;
  std::vector<tessera::tabular::Step> steps;
  extend(mdp, b, steps, 0, 1, out);
  return out;
}
double expected(const MeanTerms& terms, const std::vector<double>& probability) {
  double sum = 0;
  for (std::size_t i = 0; i < probability.size(); ++i) sum += probability[i] * terms.x[i];
  return sum;
}
Table random_table(tessera::Random& random) {
  Table x(4, 2);
  for (Eigen::Index s = 0; s < 4; ++s)
    for (Eigen::Index a = 0; a < 2; ++a) x(s, a) = s == 3 ? 0 : random.uniform(-3, 3);
  return x;
}
// Any Qhat, and its Vhat under the policy.
tessera::tabular::Values any_values(tessera::Random& random, const Table& policy) {
  const auto q = random_table(random);
  return {tessera::tabular::mean_under(policy, q), q};
}
}  // namespace

TEST_CASE("without bias: over every episode that there can be", "[ope][laws]") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto mdp = three_layers(seed, false);
    tessera::Random random(seed, 9);
    const auto pi = random_policy(random, 4, 2), b = random_policy(random, 4, 2);
    const auto all = every_episode(mdp, b);
    const double truth = tessera::tabular::expected_return(mdp, pi);
    CHECK(std::accumulate(all.probability.begin(), all.probability.end(), 0.0) == Approx(1));
    const auto ratio = visit_ratios(tessera::tabular::occupancy(mdp, pi), tessera::tabular::occupancy(mdp, b));
    // Right ratios, with any Qhat.
    const Nuisances wrong_q{.behavior = b, .values = any_values(random, pi), .visit_ratio = ratio};
    const auto log = evaluation_log(all.log, pi, mdp.discount(), std::span(&wrong_q, 1));
    CHECK(expected(terms_of<TrajectoryIs>(log), all.probability) == Approx(truth));
    CHECK(expected(terms_of<PerDecisionIs>(log), all.probability) == Approx(truth));
    CHECK(expected(terms_of<DoublyRobust>(log), all.probability) == Approx(truth));
    CHECK(expected(terms_of<MarginalizedIs>(log), all.probability) == Approx(truth));
    CHECK(expected(terms_of<MarginalizedDr>(log), all.probability) == Approx(truth));
    CHECK_FALSE(expected(terms_of<FittedQ>(log), all.probability) == Approx(truth));
    // Wrong ratios, with the exact Q.
    const auto other = random_policy(random, 4, 2);
    const Nuisances wrong_b{
        .behavior = other, .values = evaluate_in(mdp, pi).values, .visit_ratio = random_table(random)};
    const auto misled = evaluation_log(all.log, pi, mdp.discount(), std::span(&wrong_b, 1));
    CHECK(expected(terms_of<DoublyRobust>(misled), all.probability) == Approx(truth));
    CHECK(expected(terms_of<MarginalizedDr>(misled), all.probability) == Approx(truth));
    CHECK(expected(terms_of<FittedQ>(misled), all.probability) == Approx(truth));
    CHECK_FALSE(expected(terms_of<TrajectoryIs>(misled), all.probability) == Approx(truth));
  }
}

TEST_CASE("doubly robust has no variance where Q is exact and nothing is random", "[ope][laws]") {
  const auto mdp = three_layers(4, true);
  tessera::Random random(5);
  const auto pi = random_policy(random, 4, 2), b = random_policy(random, 4, 2);
  const auto all = every_episode(mdp, b);
  const Nuisances exact{.behavior = b, .values = evaluate_in(mdp, pi).values, .visit_ratio = random_table(random)};
  const auto log = evaluation_log(all.log, pi, mdp.discount(), std::span(&exact, 1));
  REQUIRE(log.episodes() == 5);
  for (const auto& terms : {terms_of<DoublyRobust>(log), terms_of<MarginalizedDr>(log), terms_of<FittedQ>(log)})
    for (const double x : terms.x) CHECK(x == Approx(tessera::tabular::expected_return(mdp, pi)));
  CHECK(value_of<WeightedDoublyRobust>(log) == Approx(tessera::tabular::expected_return(mdp, pi)));
  const auto found = estimate<DoublyRobust>(log);
  CHECK(found.interval.high - found.interval.low < 1e-12);
}

TEST_CASE("with pi = b every estimator is the mean of the returns, or of Vhat", "[ope][laws]") {
  auto log = random_log(7, 50, 9);
  std::fill(log.log_ratio.begin(), log.log_ratio.end(), 0.0);
  std::fill(log.weight.begin(), log.weight.end(), 1.0);
  const auto returns = detail::discounted_returns(log);
  const double mean = std::accumulate(returns.begin(), returns.end(), 0.0) / 50;
  CHECK(value_of<TrajectoryIs>(log) == Approx(mean));
  CHECK(value_of<WeightedIs>(log) == Approx(mean));
  CHECK(value_of<PerDecisionIs>(log) == Approx(mean));
  CHECK(value_of<WeightedPerDecisionIs>(log) == Approx(mean));
  CHECK(value_of<ClippedIs>(log) == Approx(mean));
  CHECK(value_of<MarginalizedIs>(log) == Approx(mean));
  // A Qhat that is a function of the state (b has one action there) leaves the return alone, but for what is behind a
  // cut: there it is Vhat.
  log.v = log.q;
  double with_ends = mean;
  for (std::size_t i = 0; i < log.episodes(); ++i)
    with_ends += std::pow(log.discount, double(log.episode(i).size())) * log.v_end[i] / 50;
  CHECK(value_of<DoublyRobust>(log) == Approx(with_ends));
  CHECK(value_of<WeightedDoublyRobust>(log) == Approx(with_ends));
  CHECK(value_of<MarginalizedDr>(log) == Approx(with_ends));
  double first = 0;
  for (std::size_t i = 0; i < log.episodes(); ++i) first += log.episode(i).v[0] / 50;
  CHECK(value_of<FittedQ>(log) == Approx(first));
}

TEST_CASE("weighted estimates lie within the range of what was logged", "[ope][laws]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto log = random_log(seed, 15, 8, 3);  // ratios from e^-9 to e^9
    const auto returns = detail::discounted_returns(log);
    const auto [low, high] = std::minmax_element(returns.begin(), returns.end());
    const double wis = value_of<WeightedIs>(log);
    CHECK((wis >= *low && wis <= *high));
    const double wpdis = value_of<WeightedPerDecisionIs>(log);  // a sum of means of rewards in [-1, 1], gamma = .9
    CHECK(std::abs(wpdis) <= (1 - std::pow(0.9, 8)) / 0.1);
  }
}

TEST_CASE("an estimate does not depend on the order of the episodes", "[ope][laws]") {
  const auto log = random_log(8, 20, 6);
  auto turned = support::all_of(20);
  std::reverse(turned.begin(), turned.end());
  each_estimator([&]<Estimator E>() {
    if (!suits<E>(log)) return;
    CAPTURE(E::name);
    const auto terms = terms_of<E>(log);
    CHECK(terms.value(turned) == Approx(terms.value(support::all_of(20))));
    CHECK(terms.value(support::all_of(20)) == terms.value(support::all_of(20)));
  });
}

TEST_CASE("a constant more in every reward is its discounted sum more in the value", "[ope][laws]") {
  // Of weighted estimators alone, in episodes of one length: (1 + .9 + .81) c.
  tessera::Random random(9);
  std::vector<Written> episodes(12);
  for (auto& each : episodes)
    for (int t = 0; t < 3; ++t) each.rewards.push_back(random.normal()), each.ratios.push_back(random.uniform(0.2, 3));
  const auto log = log_of(episodes, 0.9);
  auto raised = log;
  for (double& reward : raised.rewards) reward += 2;
  CHECK(value_of<WeightedIs>(raised) - value_of<WeightedIs>(log) == Approx(2 * 2.71));
  CHECK(value_of<WeightedPerDecisionIs>(raised) - value_of<WeightedPerDecisionIs>(log) == Approx(2 * 2.71));
}
