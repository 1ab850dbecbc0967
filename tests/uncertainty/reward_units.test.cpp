#include <tessera/uncertainty/halt_above.hpp>
#include <tessera/uncertainty/next_value_std.hpp>
#include <tessera/uncertainty/soft_penalty.hpp>

#include <algorithm>
#include <optional>
#include <tessera/algorithms/morel.hpp>
#include <tessera/algorithms/morel_npg.hpp>
#include <tessera/algorithms/rambo.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include "helpers/fixed_step.hpp"

// Uncertainty is penalized in the task's units or in the learner's, and rewards are scaled and shifted between the two.
using namespace tessera;
using namespace support;

namespace {
struct Scaled : FixedStepWithState<GaussianPolicy, int, GaussianEnsembleParams> {
  double scale = 1, shift = 0, value_scale = 1, value_shift = 0;
  at::Tensor learner_rewards(const at::Tensor& r) const { return r * scale + shift; }
  at::Tensor task_states(const at::Tensor& s) { return s; }
  at::Tensor task_actions(const at::Tensor& a) { return a; }
  at::Tensor learner_states(const at::Tensor& s) { return s; }
  Prediction<at::Tensor> members(const at::Tensor&, const at::Tensor&) {
    const auto mu = row({1, 2, 6}).view({3, 1, 1});
    return {at::cat({mu, mu * 0}, -1), at::zeros({3, 1, 2}, at::kDouble), at::zeros({3, 1}, at::kDouble)};
  }
  struct Drawn {
    at::Tensor sample() const { return {}; }
  };
  Drawn pi(const at::Tensor&) { return {}; }
  at::Tensor q(const at::Tensor& s, const at::Tensor&, decltype(as::target)) {
    return (s.squeeze(1) * value_scale + value_shift).unsqueeze(0);
  }
  void log(const char*, const at::Tensor&) {}
};

const Dataset& pendulum() {
  static const auto data = [] {
    auto d = builtin_dataset("pendulum-narrow");
    d.rewards[3] = -17;  // the smallest, and known
    return d;
  }();
  return data;
}
/// Rewards of imagined first steps, in the learner's units, where uncertainty beyond max_D u / pessimism goes to HALT.
template <class R>
at::Tensor first_rewards(double pessimism, const OfflineParams& units, double& discount) {
  params_of<R> p;
  p.policy.net.hidden = {16}, p.dynamics.net.hidden = {8}, p.dynamics.members = 3, p.dynamics.elites = 2;
  p.uncertainty.pessimism = pessimism, p.uncertainty.penalty = 0.5;
  static_cast<OfflineParams&>(p.data) = units;
  p.data.horizon = 1;
  if constexpr (requires { p.data.rollout_batch; }) p.data.rollout_batch = 40, p.data.retain = 1;
  if constexpr (requires { p.data.rollouts; }) p.data.rollouts = 40, p.actor.cloning_steps = 0;
  learner<R> agent(pendulum(), p, {.seed = 3});
  agent.dynamics().trained.value = 1;
  const auto replay = replay_for(agent, pendulum(), agent.transitions());
  agent.start(replay);
  agent.refill(replay);
  if constexpr (requires { p.critic.discount; }) discount = p.critic.discount;
  else discount = p.value.discount;
  if constexpr (FollowsPolicy<typename R::template get<data>>) {
    const auto b = agent.batch_for(replay, 1, 1);
    CHECK(number(b.not_done.amax()) == (pessimism > 1 ? 0 : 1));
    return b.rewards.clone();
  } else {
    at::Tensor rows;
    agent.each_buffer([&](const std::string& name, auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>)
        if (name == "imagined/rows") rows = x.clone();
    });
    CHECK(number(rows.select(1, 5).amax()) == (pessimism > 1 ? 0 : 1));
    return rows.select(1, 4);
  }
}
template <class R>
void halt_costs_what_it_should() {
  for (const auto reward : {reward_transform::none, reward_transform::standardize, reward_transform::return_range})
    for (const double shift : {-1.0, 0.0, 5.0}) {
      const OfflineParams units{.standardize = true, .reward = reward, .reward_shift = shift};
      CAPTURE(int(reward), shift);
      const auto n = [&] {
        Prepared out;
        Offline::prepare(units, pendulum(), out);
        return out.normalizer;
      }();
      // The same states, actions and noise, believed and not believed.
      double discount = 0;
      const auto known = first_rewards<R>(1e-9, units, discount), halted = first_rewards<R>(1e9, units, discount);
      REQUIRE(known.sizes() == halted.sizes());
      const double v_halt = (n.reward_scale * (-17 - 0.5) + n.reward_shift) / (1 - discount);
      CHECK(close(halted, known + discount * v_halt, 1e-3));
      // No state of the log is worth less: all are paid R(-17) or more.
      CHECK(v_halt < (n.reward_scale * -17 + n.reward_shift) / (1 - discount));
    }
}
}  // namespace

TEST_CASE("HALT costs its stay forever in the learner's units, on branches", "[uncertainty]") {
  halt_costs_what_it_should<recipes::Morel>();
}
TEST_CASE("HALT costs its stay forever in the learner's units, on paths", "[uncertainty]") {
  halt_costs_what_it_should<recipes::MorelNpg>();
}

TEST_CASE("a penalty in the reward is in the task's units, and is scaled with it, not shifted", "[uncertainty]") {
  const Prediction<at::Tensor> prediction{row({0, 0, 2, 0}).view({2, 1, 2}), row({3, 4, 0, 1}).view({2, 1, 2}),
                                          at::zeros({2, 1}, at::kDouble)};
  for (const double scale : {0.01, 1.0, 250.0})
    for (const double shift : {-1.0, 0.0, 5.0}) {
      Scaled step;
      step.scale = scale, step.shift = shift;
      imagined<at::Tensor> x{matrix(1, 1, {7}), row({10}), row({1})};
      SoftPenalty<MaxStd>::penalize({.weight = 0.5}, step, prediction, x);
      CHECK(number(step.learner_rewards(x.reward)) == Approx(scale * (10 - 0.5 * 5) + shift));
    }
}

TEST_CASE("a penalty in the target is in units of value, of whatever scale and shift", "[uncertainty]") {
  const auto penalized = [](double scale, double shift) {
    Scaled step;
    step.own_params.elites = 3, step.value_scale = scale, step.value_shift = shift;
    step.states = only_at(now, matrix(1, 1, {0})), step.actions = matrix(1, 1, {0}), step.rewards = row({0}),
    step.mask = row({1});
    step.logged_rows = 0;
    step.noise = {at::zeros({3, 1}, at::kDouble)};
    return number(NextValueStd::penalty({.weight = 2, .samples = 1}, step));
  };
  const double here = 2 * std::sqrt(7.0);  // of 1, 2, 6
  CHECK(penalized(1, 0) == Approx(here));
  CHECK(penalized(250, 0) == Approx(250 * here));
  // Rewards shifted by c move every value by c / (1 - gamma), which is no uncertainty.
  CHECK(penalized(0.01, -100) == Approx(0.01 * here));
}

TEST_CASE("an adversary weighs rewards and values in one unit", "[uncertainty]") {
  // Its advantage is standardized: rewards ten times as large are values a tenth as large, and a shift is nothing.
  const auto parameters_after = [](float scale, float shift, float slope) {
    params_of<recipes::Rambo> p;
    p.policy.net.hidden = {}, p.critic.net.hidden = {}, p.critic.members = 1, p.critic.adam.learning_rate = 0,
    p.critic.polyak = 0;
    p.policy.adam.learning_rate = 0;
    p.dynamics.net.hidden = {}, p.dynamics.members = 2, p.dynamics.elites = 2, p.dynamics.adversary = 1,
    p.dynamics.weight_decay = 0;
    p.dynamics.adam.learning_rate = 1e-2;
    Rambo agent(problem_spec<torch_backend>{1, 1, 0, at::kCPU},
                nn::Units(Normalizer{{0}, {1}, scale, shift, {-1}, {1}}), p);
    at::Tensor found;
    const auto each = [&](auto f) {
      agent.each_buffer([&](const std::string& name, auto& x) {
        at::NoGradGuard guard;
        if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) f(name, x);
      });
    };
    each([&](const std::string& name, at::Tensor& x) {
      if (name == "critic/parameters" || name == "critic/target") x.zero_(), x.view(-1)[0] = slope;
      if (name == "dynamics/parameters") x.zero_();
    });
    const auto zeros = at::zeros({64}), s = at::zeros({64, 1});
    batch<at::Tensor> b{s, at::zeros({64, 1}), zeros, s, at::ones({64})};
    b.logged = 0;
    for (int k = 0; k < 5; ++k) agent.update(b);
    each([&](const std::string& name, at::Tensor& x) {
      if (name == "dynamics/parameters") found = x.clone();
    });
    return found;
  };
  const auto one = parameters_after(1, 0, 0.1f), ten = parameters_after(10, 0, 1),
             shifted = parameters_after(10, -7, 1), other = parameters_after(1, 0, 1);
  CHECK(close(one, ten, 1e-4));
  CHECK(close(one, shifted, 1e-3));
  CHECK_FALSE(close(one, other, 1e-2));
}
