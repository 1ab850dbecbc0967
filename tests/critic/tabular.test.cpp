#include <tessera/algorithms.hpp>
#include <tessera/tabular/value_iteration.hpp>
#include <tessera/torch.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

// The two-state problem with discount .9: in state 0 action 0 stays and action 1 goes to state 1, in state 1
// action 0 stays, for a reward of 1, and action 1 goes to state 0.  The behavior takes action 1 in state 0 with
// probability .2, in state 1 with .5.  Every expected value is the solution of its equations, found outside of
// this program.

using namespace tessera;
using namespace support;

namespace {
struct Step {
  int state, action;
  float reward;
  int next, copies;
  float mask = 1;
};
const std::vector<Step> two_states = {{0, 0, 0, 0, 8}, {0, 1, 0, 1, 2}, {1, 0, 1, 1, 5}, {1, 1, 0, 0, 5}};

/// All steps, each as often as the behavior takes it; states are one-hot.
batch<at::Tensor> logged(const std::vector<Step>& steps) {
  std::vector<at::Tensor> s, next;
  std::vector<std::int64_t> a;
  std::vector<float> r, m;
  const auto eye = at::eye(2);
  for (const auto& x : steps)
    for (int k = 0; k < x.copies; ++k) {
      s.push_back(eye[x.state]), next.push_back(eye[x.next]);
      a.push_back(x.action), r.push_back(x.reward), m.push_back(x.mask);
    }
  return {at::stack(s), torch::tensor(a, at::kLong), torch::tensor(r), at::stack(next), torch::tensor(m)};
}

/// Linear networks with large steps, one critic, targets that are copies.
template <class P>
void quick(P& p, std::int64_t cosine) {
  const auto net = [&](auto& part) {
    part.net.hidden = {};
    part.adam = {.learning_rate = 0.1, .cosine_steps = cosine};
  };
  if constexpr (requires { p.policy.net; }) net(p.policy);
  net(p.critic);
  if constexpr (requires { p.value.net; }) net(p.value);
  if constexpr (requires { p.behavior.model; }) {
    net(p.behavior.model);
    p.behavior.pretrain_updates = 300;
  }
  p.critic.members = 1;
  p.critic.discount = 0.9;
  p.critic.polyak = 1;
}

nn::Units plain_units() { return nn::Units(Normalizer{{0, 0}, {1, 1}, 1, 0, {}, {}}); }

/// A learner of R and what it holds, after training on the same batch.
template <class R>
struct Trained {
  params_of<R> p;
  problem_spec<torch_backend> on{2, 2, 0, at::kCPU};
  learner<R> agent;
  at::Tensor critic, value, policy;  // parameters

  /// Of the steps the first `of_log` transitions are logged, and the others imagined.
  Trained(const params_of<R>& given, const std::vector<Step>& steps, int updates,
          std::int64_t of_log = batch<at::Tensor>::everything)
      : p(given), agent(on, plain_units(), p) {
    auto data = logged(steps);
    data.logged = of_log;
    for (int k = 0; k < updates; ++k) agent.update(data);
    agent.each_buffer([&](const std::string& name, auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
        if (name == "critic/parameters") critic = x.clone();
        if (name == "value/parameters") value = x.clone();
        if (name == "policy/parameters") policy = x.clone();
      }
    });
  }
  at::Tensor outputs(const at::Tensor& parameters, std::int64_t size) const {
    const nn::Mlp mlp(p.critic.net, 2, 1, {size});
    return mlp.forward(mlp.look(parameters), at::eye(2)).squeeze(0).to(at::kDouble);
  }
  at::Tensor q() const { return outputs(critic, 2); }
  at::Tensor v() const { return outputs(value, 1).squeeze(1); }
  at::Tensor pi() const { return outputs(policy, 2).softmax(1); }
};

struct Cloned : recipes::DiscreteBc::with<critic<PolicyBackup>> {};
}  // namespace

TEST_CASE("backup of a cloned policy finds the behavior's values", "[tabular]") {
  params_of<Cloned> p;
  quick(p, 3000);
  const Trained<Cloned> trained(p, two_states, 3000);
  CHECK(close(trained.pi(), matrix(2, 2, {0.8, 0.2, 0.5, 0.5}), 1e-3));
  const auto v = (trained.pi() * trained.q()).sum(1);
  CHECK(number(v[0]) == Approx(1.232877).epsilon(2e-3));
  CHECK(number(v[1]) == Approx(1.917808).epsilon(2e-3));
  // Q = r + .9 V(s')
  CHECK(close(trained.q(), matrix(2, 2, {0.9 * 1.232877, 0.9 * 1.917808, 1 + 0.9 * 1.917808, 0.9 * 1.232877}), 4e-3));
}

TEST_CASE("an expectile backup finds its fixed point", "[tabular]") {
  struct {
    double tau, first, second;
  } const expected[] = {{0.5, 1.232877, 1.917808}, {0.7, 3.308327, 4.306077}, {0.9, 6.896878, 8.003784}};
  for (const auto& [tau, first, second] : expected) {
    INFO("tau " << tau);
    params_of<recipes::DiscreteIql> p;
    quick(p, 4000);
    p.value.tau = tau;
    const Trained<recipes::DiscreteIql> trained(p, two_states, 4000);
    CHECK(number(trained.v()[0]) == Approx(first).epsilon(3e-3));
    CHECK(number(trained.v()[1]) == Approx(second).epsilon(3e-3));
    // The policy at the data's weights: pi ~ b exp(beta A), A = Q - V, with Q = r + .9 V(s').
    const double beta = p.actor.beta;
    const double odds_0 = 0.25 * std::exp(beta * 0.9 * (second - first));     // a1 over a0 in state 0
    const double odds_1 = std::exp(beta * (1 + 0.9 * second - 0.9 * first));  // a0 over a1 in state 1
    CHECK(number(trained.pi()[0][1]) == Approx(odds_0 / (1 + odds_0)).epsilon(0.01));
    CHECK(number(trained.pi()[1][0]) == Approx(odds_1 / (1 + odds_1)).epsilon(0.01));
  }
}

TEST_CASE("the advantage over a policy of a cloned policy is zero in the mean", "[tabular]") {
  // DiscreteAwac with beta 0 clones the behavior, and evaluates it.
  params_of<recipes::DiscreteAwac> p;
  quick(p, 3000);
  p.actor.beta = 0;
  const Trained<recipes::DiscreteAwac> trained(p, two_states, 3000);
  const auto v = (trained.pi() * trained.q()).sum(1);
  CHECK(number(v[0]) == Approx(1.232877).epsilon(2e-3));
  CHECK(number(v[1]) == Approx(1.917808).epsilon(2e-3));
}

TEST_CASE("an end is not bootstrapped from, a cut is", "[tabular]") {
  // One step that returns to its own state for a reward of 1.
  params_of<Cloned> p;
  quick(p, 3000);
  const Trained<Cloned> ended(p, {{0, 0, 1, 0, 4, 0}}, 3000);
  CHECK(number(ended.q()[0][0]) == Approx(1).epsilon(1e-3));
  p.critic.adam.learning_rate = 1;
  p.critic.discount = 0.99;
  const Trained<Cloned> endless(p, {{0, 0, 1, 0, 4, 1}}, 3000);
  CHECK(number(endless.q()[0][0]) == Approx(100).epsilon(0.01));
}

TEST_CASE("a hidden layer finds the same values", "[tabular]") {
  params_of<recipes::DiscreteIql> p;
  quick(p, 3000);
  for (auto* net : {&p.policy.net, &p.critic.net, &p.value.net}) net->hidden = {16};
  for (auto* adam : {&p.policy.adam, &p.critic.adam, &p.value.adam}) adam->learning_rate = 0.02;
  const Trained<recipes::DiscreteIql> trained(p, two_states, 3000);
  CHECK(number(trained.v()[0]) == Approx(3.308327).epsilon(0.02));
  CHECK(number(trained.v()[1]) == Approx(4.306077).epsilon(0.02));
}

TEST_CASE("a Gumbel backup finds the KL-regularized values", "[tabular]") {
  params_of<recipes::DiscreteXql> p;
  quick(p, 4000);
  p.value.beta = 1;
  p.value.max_z = 20;
  p.actor.beta = 1;
  const Trained<recipes::DiscreteXql> trained(p, two_states, 4000);
  CHECK(number(trained.v()[0]) == Approx(3.129164).epsilon(3e-3));
  CHECK(number(trained.v()[1]) == Approx(4.287787).epsilon(3e-3));
  CHECK(close(trained.q(), matrix(2, 2, {2.816248, 3.859008, 4.859008, 2.816248}), 5e-3));
  // pi ~ b exp(Q)
  CHECK(number(trained.pi()[0][1]) == Approx(0.414951).epsilon(0.01));
  CHECK(number(trained.pi()[1][0]) == Approx(0.885214).epsilon(0.01));
}

TEST_CASE("an exponential value and its weights find the KL-regularized values and policy", "[tabular]") {
  params_of<recipes::DiscreteEql> p;
  quick(p, 4000);
  p.value.alpha = 0.5;
  p.value.max_z = 20;
  p.actor.sharpness = 1;
  const Trained<recipes::DiscreteEql> trained(p, two_states, 4000);
  // V = alpha log E_b exp(Q / alpha), Q = r + .9 V(s'), by iteration;  pi ~ b exp(Q / alpha).
  double v[2] = {0, 0}, q[2][2] = {};
  for (int k = 0; k < 500; ++k) {
    q[0][0] = 0.9 * v[0], q[0][1] = 0.9 * v[1], q[1][0] = 1 + 0.9 * v[1], q[1][1] = 0.9 * v[0];
    v[0] = 0.5 * std::log(0.8 * std::exp(2 * q[0][0]) + 0.2 * std::exp(2 * q[0][1]));
    v[1] = 0.5 * std::log(0.5 * std::exp(2 * q[1][0]) + 0.5 * std::exp(2 * q[1][1]));
  }
  for (int s = 0; s < 2; ++s) CHECK(number(trained.v()[s]) == Approx(v[s]).epsilon(3e-3));
  CHECK(number(trained.pi()[0][1]) == Approx(0.2 * std::exp(2 * (q[0][1] - v[0]))).epsilon(0.02));
  CHECK(number(trained.pi()[1][0]) == Approx(0.5 * std::exp(2 * (q[1][0] - v[1]))).epsilon(0.02));
}

TEST_CASE("soft actor-critic on the reward with log b finds the KL-regularized values too", "[tabular]") {
  params_of<recipes::DiscreteRewardKl> p;
  quick(p, 6000);
  p.critic.polyak = 0.05;
  p.actor.temperature = 1;
  const Trained<recipes::DiscreteRewardKl> trained(p, two_states, 6000);
  CHECK(number(trained.pi()[0][1]) == Approx(0.414951).epsilon(0.02));
  CHECK(number(trained.pi()[1][0]) == Approx(0.885214).epsilon(0.02));
  // Q~ = Q + log b
  CHECK(close(
      trained.q(),
      matrix(2, 2,
             {2.816248 + std::log(0.8), 3.859008 + std::log(0.2), 4.859008 + std::log(0.5), 2.816248 + std::log(0.5)}),
      0.02));
}

TEST_CASE("the in-sample softmax is the soft optimum over the data's actions", "[tabular]") {
  // V = t log sum exp(Q / t), Q = r + .9 V(s'), by iteration.
  const double t = 0.5;
  double v[2] = {0, 0};
  for (int k = 0; k < 500; ++k) {
    const double stay = 0.9 * v[0], go = 0.9 * v[1];
    v[0] = t * std::log(std::exp(stay / t) + std::exp(go / t));
    v[1] = t * std::log(std::exp((1 + go) / t) + std::exp(stay / t));
  }
  params_of<recipes::DiscreteInAc> p;
  quick(p, 8000);
  p.critic.polyak = 0.05;
  p.actor.temperature = t;
  p.schedule.actor = 1;
  const Trained<recipes::DiscreteInAc> trained(p, two_states, 8000);
  CHECK(number(trained.v()[0]) == Approx(v[0]).epsilon(0.01));
  CHECK(number(trained.v()[1]) == Approx(v[1]).epsilon(0.01));
  CHECK(number(trained.pi()[0][1]) == Approx(1 / (1 + std::exp(0.9 * (v[0] - v[1]) / t))).epsilon(0.02));
}

namespace {
template <class Mu, class Push>
struct Pressed : Cloned::with<critic<Conservative<PolicyBackup, Mu, Push>>> {};
template <class R>
at::Tensor pressed_q(double weight) {
  params_of<R> p;
  quick(p, 4000);
  p.critic.weight = weight;
  return Trained<R>(p, two_states, 4000).q();
}
}  // namespace

TEST_CASE("a conservative critic of a cloned policy finds its fixed points", "[tabular]") {
  // 2 b (Q - y) + alpha (mu - b) = 0 at every pair; here pi = b, and Q^b = r + .9 V^b.
  const auto exact = matrix(2, 2, {0.9 * 1.232877, 0.9 * 1.917808, 1 + 0.9 * 1.917808, 0.9 * 1.232877});
  // mu = pi = b without push-up: every value falls by alpha / 2 a step, which is alpha / 2 / (1 - .9) in all.
  CHECK(close(pressed_q<Pressed<CurrentPolicy, NoPushUp>>(0.2), exact - 1.0, 5e-3));
  // With it the two cancel.
  CHECK(close(pressed_q<Pressed<CurrentPolicy, PushUp>>(0.2), exact, 5e-3));
  // mu = softmax Q: by iteration of  Q = r + .9 P^b Q - alpha / 2 (softmax(Q) / b - 1).
  const auto b = matrix(2, 2, {0.8, 0.2, 0.5, 0.5}), r = matrix(2, 2, {0, 0, 1, 0});
  for (double weight : {0.2, 0.5}) {
    auto q = exact.clone();
    for (int k = 0; k < 3000; ++k) {
      const auto v = (b * q).sum(1);
      const auto after = at::stack({at::stack({v[0], v[1]}), at::stack({v[1], v[0]})});
      q = 0.9 * q + 0.1 * (r + 0.9 * after - weight / 2 * (q.softmax(1) / b - 1));
    }
    CHECK(close(pressed_q<Pressed<LogSumExp, PushUp>>(weight), q, 5e-3));
  }
}

namespace {
/// The batch says what is imagined; the actor clones it, so that the policy is known.
template <class States>
struct PressedAt : Cloned::with<critic<Conservative<PolicyBackup, CurrentPolicy, PushUp, States>>> {};
/// `Conservative` at imagined states alone, free of the wish for a data source that imagines: the batch comes by hand.
struct AtImagined : Conservative<PolicyBackup, CurrentPolicy, PushUp, ImaginedStates> {
  using needs = PolicyBackup::needs;
};
struct PressedAtImagined : Cloned::with<critic<AtImagined>> {};
}  // namespace

TEST_CASE("COMBO pushes actions that only the model has seen below the data's, exactly", "[tabular]") {
  // The log never took action 1 in state 0; the model imagines that it goes to state 1 for a reward of 1.
  const std::vector<Step> steps = {{0, 0, 0, 0, 8}, {1, 0, 1, 1, 5}, {1, 1, 0, 0, 5}, /* imagined: */ {0, 0, 0, 0, 4},
                                   {0, 1, 1, 1, 4}, {1, 0, 1, 1, 2}, {1, 1, 0, 0, 2}};
  const auto d = matrix(2, 2, {8, 0, 5, 5}) / 18, model = matrix(2, 2, {4, 4, 2, 2}) / 12,
             mixed = (18 * d + 12 * model) / 30;
  const auto pi = mixed / mixed.sum(1, true), r = matrix(2, 2, {0, 1, 1, 0});
  // 2 d_f (Q - y) + alpha (rho - d) = 0 at every pair.
  const auto exact = [&](const at::Tensor& rho, double weight) {
    const auto penalty = weight / 2 * (rho - d) / mixed;
    auto q = at::zeros({2, 2}, at::kDouble);
    for (int k = 0; k < 2000; ++k) {
      const auto v = (pi * q).sum(1);
      q = r + 0.9 * at::stack({at::stack({v[0], v[1]}), at::stack({v[1], v[0]})}) - penalty;
    }
    return q;
  };
  const auto at_all = mixed.sum(1, true) * pi, at_imagined = model.sum(1, true) * pi;
  const auto found = [&]<class R>(R, double weight) {
    params_of<R> p;
    quick(p, 4000);
    p.critic.weight = weight;
    return Trained<R>(p, steps, 4000, 18).q();
  };
  // Believed, the imagined reward makes the unseen action the better one ...
  const auto believed = found(PressedAt<AllStates>{}, 0);
  CHECK(close(believed, exact(at_all, 0), 5e-3));
  CHECK(number(believed[0][1] - believed[0][0]) > 0.5);
  // ... and after minimizing it is worse.
  const auto all = found(PressedAt<AllStates>{}, 8);
  CHECK(close(all, exact(at_all, 8), 5e-3));
  CHECK(number(all[0][1] - all[0][0]) < -0.5);
  // Down at imagined states alone, logged states are raised, and with them what leads there: an order is not promised,
  // the values are.
  const auto imagined = found(PressedAtImagined{}, 12);
  CHECK(close(imagined, exact(at_imagined, 12), 5e-3));
}

TEST_CASE("batch-constrained Q-learning finds the optimum among supported actions", "[tabular]") {
  // In state 0 action 1 is a quarter as likely as action 0, in state 1 both are alike.
  const auto mdp = tabular::FiniteMdp({.states = 2,
                                       .actions = 2,
                                       .outcomes = {{0, 0, 0, 1, 0}, {0, 1, 1, 1, 0}, {1, 0, 1, 1, 1}, {1, 1, 0, 1, 0}},
                                       .start = {1, 0},
                                       .discount = 0.9});
  for (double threshold : {0.3, 0.2, 0.0}) {
    params_of<recipes::DiscreteBcq> p;
    quick(p, 6000);
    p.critic.polyak = 0.1;
    p.behavior.threshold = threshold;
    Trained<recipes::DiscreteBcq> trained(p, two_states, 6000);
    tabular::Table allowed = tabular::Table::Ones(2, 2);
    if (threshold == 0.3) allowed(0, 1) = 0;
    const auto exact = tabular::in_sample_values(mdp, allowed);
    for (int s = 0; s < 2; ++s)
      for (int a = 0; a < 2; ++a) CHECK(number(trained.q()[s][a]) == Approx(exact.q(s, a)).margin(0.02));
    // Its greedy policy keeps to them: in state 0 it stays, where going would be worth 9.
    CHECK(at::equal(trained.agent.act(at::eye(2)), torch::tensor({threshold == 0.3 ? 0 : 1, 0}, at::kLong)));
    CHECK(trained.agent.act(at::eye(2).flip(0))[0].item<std::int64_t>() == 0);  // other states, other supports
  }
}

TEST_CASE("double Q-learning without a penalty finds the optimum", "[tabular]") {
  params_of<recipes::DiscreteCql> p;
  quick(p, 4000);
  p.critic.weight = 0;
  p.critic.polyak = 0.1;
  const Trained<recipes::DiscreteCql> trained(p, two_states, 4000);
  CHECK(close(trained.q(), matrix(2, 2, {8.1, 9, 10, 8.1}), 0.01));
}
