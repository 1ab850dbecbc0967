#include <tessera/dynamics/adversarial.hpp>

#include <tessera/algorithms/rambo.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include <cmath>
#include <numbers>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// A task of one number whose model knows nothing, and a critic that thinks Q = s.
struct Arena {
  params_of<recipes::Rambo> p;
  std::optional<Rambo> agent;
  Arena(double adversary) {
    p.policy.net.hidden = {}, p.critic.net.hidden = {}, p.critic.members = 1, p.critic.adam.learning_rate = 0,
    p.critic.polyak = 0;
    p.policy.adam.learning_rate = 0;
    p.dynamics.net.hidden = {}, p.dynamics.members = 2, p.dynamics.elites = 2, p.dynamics.adversary = adversary,
    p.dynamics.weight_decay = 0;
    p.dynamics.adam.learning_rate = 1e-2;
    p.data.rollout_batch = 4, p.data.horizon = 1, p.data.retain = 1;
    agent.emplace(problem_spec<torch_backend>{1, 1, 0, at::kCPU}, nn::Units(Normalizer{{0}, {1}, 1, 0, {-1}, {1}}), p);
    agent->each_buffer([&](const std::string& name, auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
        at::NoGradGuard guard;
        if (name == "critic/parameters" || name == "critic/target") {
          x.zero_();
          x.view(-1)[0] = 1.0f;  // the weight of s
        }
        if (name == "dynamics/parameters") x.zero_();
      }
    });
  }
  /// The elites' mean change of the state at s = 0.
  double drift() {
    at::NoGradGuard guard;
    return number(
        GaussianEnsemble::predict(agent->dynamics(), at::zeros({1, 1}), at::zeros({1, 1})).means.select(-1, 0).mean());
  }
  void update(int times, std::int64_t logged) {
    const auto zeros = at::zeros({64}), s = at::zeros({64, 1});
    batch<at::Tensor> b{s, at::zeros({64, 1}), zeros, s, at::ones({64})};
    b.logged = logged;
    for (int k = 0; k < times; ++k) agent->update(b);
  }
};

// What the gradient is computed by hand for: three members without hidden layers, of which two are elites, of a task of
// one number; four states, each with a drawn action, elite and transition of its own; units apart from the task's; and
// a formula for Q.
using Numbers = std::vector<double>;
using Ensemble = GaussianEnsemble::state<torch_backend>;
using Part = Adversarial<GaussianEnsemble>;
constexpr int rows = 4, outputs = 5;
const Numbers states{0.4, -0.9, 1.3, 0.2}, action_noise{0.5, -1, 0.8, -0.3}, elite_noise{0.2, 0.7, 0.9, 0.4};
const std::vector<Numbers> model_noise{{0.3, -0.6}, {-1.1, 0.4}, {0.9, 0.7}, {-0.2, -1.3}};
// By member: the slope of [change of s, r, their raw log-variances, the end's log-odds] in s, in a, and the constant.
const std::vector<Numbers> members{{0.3, -0.2, 0.1, 0.2, 4, 0.5, 0.4, -0.1, 0.3, 1, 0.2, -0.3, -1.0, -0.6, -2},
                                   {-0.4, 0.6, -0.2, 0.1, -3, 0.2, -0.5, 0.4, -0.3, 1, -0.1, 0.5, -0.4, -1.2, -1},
                                   {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}};
constexpr double policy_slope = 0.6, policy_log_std = -0.7, gamma_ = 0.9;
double task_state(double s) { return 2 * s + 1; }
double learner_state(double s) { return (s - 1) / 2; }
double task_action(double a) { return 3 * a - 0.5; }
double learner_reward(double r) { return 4 * r + 0.7; }
double min_q(double s, double a) { return std::min(2 * s + a, 1 - s * s + 3 * a); }

struct HandStep : FixedStepWithState<TanhGaussianPolicy, Ensemble, GaussianEnsembleParams> {
  using At = bound_policy<TanhGaussianPolicy, HandStep>;
  At pi(const at::Tensor& s) {
    return {h, {at::cat({policy_slope * s, at::full_like(s, policy_log_std)}, 1), {}}, *this};
  }
  at::Tensor q(const at::Tensor& s, const at::Tensor& a, decltype(as::target)) {
    return at::stack({(2 * s + a).squeeze(1), (1 - s * s + 3 * a).squeeze(1)});
  }
  double discount() const { return gamma_; }
  at::Tensor task_states(const at::Tensor& s) const { return 2 * s + 1; }
  at::Tensor learner_states(const at::Tensor& s) const { return (s - 1) / 2; }
  at::Tensor task_actions(const at::Tensor& a) const { return 3 * a - 0.5; }
  at::Tensor learner_rewards(const at::Tensor& r) const { return 4 * r + 0.7; }
  at::Tensor task_rewards(const at::Tensor& r) const { return (r - 0.7) / 4; }
};

/// The model, and what it is asked, as the part sees them.
struct ByHand {
  Part::params h;
  Ensemble model;
  HandStep step;
  ByHand() : h(hyper()), model(h, problem_spec<torch_backend>{1, 1, 0, at::kCPU}) {
    const auto& last = model.net.mlp().layers().back();
    auto parameters = at::zeros_like(model.net.parameters());
    for (std::size_t i = 0; i < members.size(); ++i)
      for (int j = 0; j < 3 * outputs; ++j)
        parameters[std::int64_t(i)][j < 2 * outputs ? last.weight + j : last.bias + j - 2 * outputs] =
            members[i][std::size_t(j)];
    model.net.assign(parameters);
    model.input_shift.value = torch::tensor({0.5f, -0.2f}), model.input_scale.value = torch::tensor({1.5f, 2.0f});
    model.target_shift.value = torch::tensor({0.1f, -0.3f}), model.target_scale.value = torch::tensor({0.8f, 1.7f});
    model.ends.value = 1;
    step.own = &model;
    step.h.log_std_min = -5;
    step.states = [](place where) { return (where == now ? column(states) : column({0.1, -0.4, 0.3, 0.6})); };
    step.actions = column({0.3, -0.6, 0, 0}), step.rewards = column({0.9, -0.2, 0, 0}).squeeze(1),
    step.mask = column({0, 1, 1, 1}).squeeze(1);
    step.logged_rows = 0;
    auto wide = at::empty({rows, 2});
    for (int b = 0; b < rows; ++b)
      for (int j = 0; j < 2; ++j) wide[b][j] = model_noise[std::size_t(b)][std::size_t(j)];
    step.noise = {column(action_noise), column(elite_noise), wide};
  }
  /// The summand of a name.
  at::Tensor operator()(const std::string& name) {
    step.draws = 0;
    const auto sum = Part::loss(h, step);
    for (std::size_t i = 0; i < sum.items.size(); ++i)
      if (sum.items[i].name == name) return sum.items[i].value;
    FAIL("no " << name);
    return {};
  }
  static at::Tensor column(const Numbers& x) { return torch::tensor(x, at::kFloat).view({-1, 1}); }
  static Part::params hyper() {
    Part::params p;
    p.net.hidden = {}, p.members = 3, p.elites = 2, p.adversary = 0.7;
    return p;
  }
};

// What a member says at (s, a), in the standardized units: means and log-variances of the two numbers, and the log-odds
// of the end.
struct Said {
  double mu[2], l[2], z;
};
double softly(double x) { return std::log1p(std::exp(x)); }
Said prediction(const Numbers& w, double s, double a) {
  const double x = (task_state(s) - 0.5) / 1.5, u = (task_action(a) + 0.2) / 2;
  const auto out = [&](std::size_t j) { return w[j] * x + w[outputs + j] * u + w[2 * outputs + j]; };
  const auto bounded = [](double raw) { return -10 + softly(0.5 - softly(0.5 - raw) + 10); };
  return {{out(0), out(1)}, {bounded(out(2)), bounded(out(3))}, out(4)};
}
struct Drawn {
  double a, y[2], adv;
};
// Where the task ends, as the drawn elite's log-odds say, or as given.
std::vector<Drawn> drawn_by_hand(const Numbers& given = {}) {
  std::vector<Drawn> all;
  double sum = 0, squares = 0;
  for (std::size_t b = 0; b < rows; ++b) {
    Drawn x;
    const double s = states[b];
    x.a = std::tanh(policy_slope * s + std::exp(policy_log_std) * action_noise[b]);
    const auto m = prediction(members[elite_noise[b] < 0.5 ? 0 : 1], s, x.a);
    for (int j = 0; j < 2; ++j) x.y[j] = m.mu[j] + std::exp(m.l[j] / 2) * model_noise[b][std::size_t(j)];
    const double after = learner_state(task_state(s) + 0.8 * x.y[0] + 0.1), r = learner_reward(1.7 * x.y[1] - 0.3);
    const double v = (given.empty() ? m.z > 0 : given[b] > 0) ? 0 : min_q(after, std::tanh(policy_slope * after));
    x.adv = r + gamma_ * v - min_q(s, x.a);
    sum += x.adv, squares += x.adv * x.adv;
    all.push_back(x);
  }
  const double mean = sum / rows, deviation = std::sqrt(squares / rows - mean * mean);
  for (auto& x : all) x.adv = (x.adv - mean) / (deviation + 1e-6);
  return all;
}
// lambda E [log p(y|s,a) adv] of models with the given weights, at what was drawn from the one above.
double surrogate(const std::vector<Numbers>& w, const Numbers& ends = {}) {
  double sum = 0;
  const auto all = drawn_by_hand(ends);
  for (std::size_t b = 0; b < rows; ++b) {
    double p = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      const auto m = prediction(w[i], states[b], all[b].a);
      double density = 1;
      for (int j = 0; j < 2; ++j) {
        const double variance = std::exp(m.l[j]), apart = all[b].y[j] - m.mu[j];
        density *= std::exp(-apart * apart / (2 * variance)) / std::sqrt(2 * std::numbers::pi * variance);
      }
      p += density / 2;
    }
    sum += std::log(p) * all[b].adv / rows;
  }
  return 0.7 * sum;
}
}  // namespace

TEST_CASE("an adversary's loss and gradient are the likelihood ratio's, computed by hand", "[dynamics]") {
  ByHand x;
  const auto loss = x("dynamics/adversary");
  CHECK(number(loss) == Approx(surrogate(members)).epsilon(1e-4));
  loss.backward();
  const auto gradient = x.model.net.gathered_gradient();
  const auto& last = x.model.net.mlp().layers().back();
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3 * outputs; ++j) {
      CAPTURE(i, j);
      auto up = members, down = members;
      up[i][j] += 1e-6, down[i][j] -= 1e-6;
      const auto k =
          std::int64_t(j) < 2 * outputs ? last.weight + std::int64_t(j) : last.bias + std::int64_t(j) - 2 * outputs;
      CHECK(number(gradient[std::int64_t(i)][k]) ==
            Approx((surrogate(up) - surrogate(down)) / 2e-6).epsilon(1e-3).margin(1e-4));
    }
  // The case is one in which every piece counts: both elites are drawn, some rows end, and no advantage is near
  // another.
  int ends = 0;
  for (std::size_t b = 0; b < rows; ++b)
    ends += prediction(members[elite_noise[b] < 0.5 ? 0 : 1], states[b], drawn_by_hand()[b].a).z > 0;
  CHECK((ends > 0 && ends < rows));
}

TEST_CASE("an adversary asks a rule of where the task ends, where one is given", "[dynamics]") {
  ByHand x;
  const Numbers ends{1, 0, 0, 1};
  x.model.ended = [&](const at::Tensor& s, const at::Tensor& a, const at::Tensor& after) {
    const auto drawn = drawn_by_hand();
    for (int b = 0; b < rows; ++b) {
      const auto& d = drawn[std::size_t(b)];
      CHECK(number(s[b]) == Approx(task_state(states[std::size_t(b)])));
      CHECK(number(a[b]) == Approx(task_action(d.a)));
      CHECK(number(after[b] - s[b]) == Approx(0.8 * d.y[0] + 0.1).epsilon(1e-4));
    }
    return ByHand::column(ends).squeeze(1);
  };
  CHECK(number(x("dynamics/adversary")) == Approx(surrogate(members, ends)).epsilon(1e-4));
  CHECK(std::abs(surrogate(members, ends) - surrogate(members)) > 1e-3);
}

TEST_CASE("an adversary's own loss is the model's at logged transitions, its bounds pulled less", "[dynamics]") {
  ByHand x;
  x.step.logged_rows = 2;
  CHECK(number(x("dynamics/bounds")) == Approx(0.001 * 2 * 10.5));
  x.h.adversary_bounds = 3;
  CHECK(number(x("dynamics/bounds")) == Approx(3 * 2 * 10.5));
  // sum_i mean w [(mu - y)^2 / sigma^2 + log sigma^2], w = sigma, over the two logged rows; their actions are the
  // log's.
  double nll = 0, end = 0;
  const double next_states[]{0.1, -0.4}, actions[]{0.3, -0.6}, rewards[]{0.9, -0.2}, ended[]{1, 0};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t b = 0; b < 2; ++b) {
      const auto m = prediction(members[i], states[b], actions[b]);
      const double y[]{(task_state(next_states[b]) - task_state(states[b]) - 0.1) / 0.8,
                       ((rewards[b] - 0.7) / 4 + 0.3) / 1.7};
      for (int j = 0; j < 2; ++j)
        nll += std::exp(m.l[j] / 2) * ((m.mu[j] - y[j]) * (m.mu[j] - y[j]) / std::exp(m.l[j]) + m.l[j]) / 4;
      end += (softly(m.z) - ended[b] * m.z) / 2;
    }
  CHECK(number(x("dynamics/nll")) == Approx(nll).epsilon(1e-4));
  CHECK(number(x("dynamics/end")) == Approx(end).epsilon(1e-4));
}

TEST_CASE("an adversary moves what is imagined to where the policy is worse off", "[dynamics]") {
  Arena against(1), without(0);
  CHECK(against.drift() == 0);
  against.update(30, 0);  // imagined transitions alone: nothing but the adversary
  CHECK(against.drift() < -0.05);
  without.update(30, 0);
  CHECK(std::abs(without.drift()) < 0.01);
}

TEST_CASE("logged transitions hold an adversary back", "[dynamics]") {
  Arena free(0.05), held(0.05);
  free.update(60, 0);
  held.update(60, 32);  // half the batch says that nothing moves
  CHECK(free.drift() < -0.05);
  CHECK(std::abs(held.drift()) < 0.5 * std::abs(free.drift()));
}
