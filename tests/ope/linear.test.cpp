#include <tessera/ope/linear.hpp>

#include <tessera/ope/dual.hpp>
#include <tessera/ope/estimators.hpp>
#include <tessera/ope/tabular.hpp>

#include "support.hpp"
#include "tabular/support.hpp"

using Catch::Contains;
using namespace support;
using namespace tessera::ope;

namespace {
// One feature, phi = 1, 2 in an episode of two steps, phi(s_1, pi) = 3, phi_0 = 1; rewards 1, 2 and discount 1/2.
struct OneFeature {
  EvaluationLog log = log_of({{.rewards = {1, 2}}}, 0.5);
  LinearFeatures features{.logged = Eigen::MatrixXd(2, 1), .after = Eigen::MatrixXd(2, 1), .first = Eigen::VectorXd(1)};
  OneFeature() {
    features.logged << 1, 2;
    features.after << 3, 0;
    features.first << 1;
  }
};

// A feature for each state and action: everything that a table can say.
LinearFeatures indicators(const tessera::tabular::Log& log, const Table& policy) {
  const auto actions = policy.cols(), k = policy.size();
  LinearFeatures out{.logged = Eigen::MatrixXd::Zero(Eigen::Index(log.steps.size()), k),
                     .after = Eigen::MatrixXd::Zero(Eigen::Index(log.steps.size()), k),
                     .first = Eigen::VectorXd::Zero(k)};
  for (std::size_t t = 0; t < log.steps.size(); ++t) {
    const auto& step = log.steps[t];
    out.logged(Eigen::Index(t), step.state * actions + step.action) = 1;
    for (std::int64_t a = 0; a < actions && !step.ended; ++a)
      out.after(Eigen::Index(t), step.next * actions + a) = policy(step.next, a);
  }
  for (const auto s : log.starts())
    for (std::int64_t a = 0; a < actions; ++a) out.first[s * actions + a] += policy(s, a) / double(log.episodes());
  return out;
}
double weighted_rewards(EvaluationLog log, const LinearRatio& ratio) {
  log.weight = ratio.weight;
  return value_of<MarginalizedIs>(log);
}
}  // namespace

TEST_CASE("LSTD-Q and the ratio of visits with one feature, by hand", "[ope][linear]") {
  const OneFeature one;
  // A = (1 (1 - 3/2) + 2 * 2) / 2, b = (1 * 1 + 2 * 2) / 2:  theta = 5 / 3.5.
  CHECK(lstdq(one.features, one.log)[0] == Approx(5 / 3.5));
  CHECK(lstdq(one.features, one.log, 0.25)[0] == Approx(2.5 / 2));
  // With weights gamma^t: A = -1/2 + 1/2 * 4 = 1.5, alpha = 1/1.5; w = alpha, 2 alpha; w_0 + 1/2 * 2 w_1 = 3 alpha.
  CHECK(visit_weights(one.log) == Eigen::Vector2d(1, 0.5));
  const auto weights = minimax_weights(one.features, one.log);
  CHECK(weights.weight[0] == Approx(1 / 1.5));
  CHECK(weights.weight[1] == Approx(2 / 1.5));
  CHECK(weighted_rewards(one.log, weights) == Approx(2));
  CHECK(lstdq(one.features, one.log, 0, visit_weights(one.log))[0] == Approx(3 / 1.5));
  // G = 1 + 1/2 * 4 = 3, A^2 / G = 3/4: theta = 4/3, w = A theta / G phi = 2/3 phi; with a ridge of 1/4, 1/2 phi.
  CHECK(dual_dice(one.features, one.log).coefficients[0] == Approx(1 / 1.5));
  CHECK(dual_dice(one.features, one.log, 0.25).coefficients[0] == Approx(0.5));
}

TEST_CASE("with a feature for every pair, linear is tabular", "[ope][linear]") {
  const auto mdp = from_state_0(random_mdp(2, 1));
  tessera::Random random(6);
  const auto b = random_policy(random, 7, 4), pi = random_policy(random, 7, 4);
  auto log = tessera::tabular::log_episodes(tessera::TabularTask::one_hot("random", mdp, 10'000), b, 300, 10'000, 1);
  auto features = indicators(log, pi);
  // The end's features are never seen.
  features.logged.conservativeResize(Eigen::NoChange, 24);
  features.after.conservativeResize(Eigen::NoChange, 24);
  features.first.conservativeResize(24);
  const auto seen = fitted_log(7, log, pi, 1, {.kappa = 0, .alpha = 0, .parts = 1});
  const double tabular = value_of<FittedQ>(seen);
  CHECK(lstdq(features, seen).dot(features.first) == Approx(tabular));
  const auto weights = minimax_weights(features, seen);
  CHECK(weighted_rewards(seen, weights) == Approx(tabular));
  double apart = 0;
  for (std::size_t t = 0; t < seen.steps(); ++t) apart = std::max(apart, std::abs(weights.weight[t] - seen.weight[t]));
  CHECK(apart < 1e-8);
}

TEST_CASE("with any features, minimax weights, DualDICE and LSTD-Q give one estimate", "[ope][linear]") {
  auto log = random_log(4, 60, 7);
  tessera::Random random(5);
  const auto steps = Eigen::Index(log.steps());
  LinearFeatures features{
      .logged = Eigen::MatrixXd(steps, 5), .after = Eigen::MatrixXd(steps, 5), .first = Eigen::VectorXd(5)};
  for (auto* m : {&features.logged, &features.after})
    for (Eigen::Index i = 0; i < m->size(); ++i) m->data()[i] = random.normal();
  for (Eigen::Index i = 0; i < 5; ++i) features.first[i] = random.normal();
  const auto theta = lstdq(features, log, 0, visit_weights(log));
  const double value = theta.dot(features.first);
  CHECK(weighted_rewards(log, minimax_weights(features, log)) == Approx(value));
  CHECK(weighted_rewards(log, dual_dice(features, log)) == Approx(value));
  // Of each equation: E_d[ phi (r + gamma phi'.theta - phi.theta) ] = 0.
  const auto d = visit_weights(log);
  const Eigen::VectorXd error = Eigen::Map<const Eigen::VectorXd>(log.rewards.data(), steps) +
                                log.discount * features.after * theta - features.logged * theta;
  CHECK((features.logged.transpose() * d.cwiseProduct(error)).cwiseAbs().maxCoeff() < 1e-9);
}

TEST_CASE("features that cannot be fitted", "[ope][linear]") {
  OneFeature one;
  auto twice = one.features;
  twice.logged = twice.logged.replicate(1, 2).eval();
  twice.after = twice.after.replicate(1, 2).eval();
  twice.first = twice.first.replicate(2, 1).eval();
  CHECK_THROWS_WITH(lstdq(twice, one.log), Contains("LSTD-Q: the equations are singular, of rank 1 with 2 features"));
  CHECK_NOTHROW(lstdq(twice, one.log, 0.1));
  CHECK_THROWS_WITH(dual_dice(twice, one.log), Contains("linearly dependent"));
  CHECK_THROWS_WITH(lstdq(one.features, one.log, -1), Contains("ridge -1"));
  CHECK_THROWS_WITH(lstdq(one.features, one.log, 0, Eigen::VectorXd::Ones(5)), Contains("5 weights for 2 steps"));
  one.features.after.resize(1, 1);
  CHECK_THROWS_WITH(minimax_weights(one.features, one.log), Contains("phi(s', pi) is of shape (1, 1), not (2, 1)"));
}
