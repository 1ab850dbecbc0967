#include <tessera/policy/one_step.hpp>

#include <tessera/actor/maximize_q.hpp>
#include <tessera/behavior/generator.hpp>
#include <tessera/constraint/distillation.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/select/sample.hpp>

#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Asks nothing of the policy, so that the constraint alone moves it.
struct Idle : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/nothing", step.pi(now).sample().sum() * 0.0};
  }
};
using Climbing = recipe<policy<OneStepPolicy>, behavior<Generator<FlowPolicy>>, critic<PolicyBackup>, actor<MaximizeQ>,
                        constraint<Distillation>, tessera::select<Sample>>;
using Distilled = recipe<policy<OneStepPolicy>, behavior<Generator<FlowPolicy>>, actor<Idle>, constraint<Distillation>,
                         tessera::select<Sample>>;
template <class R>
params_of<R> small() {
  params_of<R> p;
  p.policy.net.hidden = p.behavior.model.net.hidden = {16};
  if constexpr (requires { p.critic.net; }) p.critic.net.hidden = {16};
  p.behavior.model.steps = 4;
  return p;
}
}  // namespace

TEST_CASE("a one-step policy's action is one pass, clipped", "[policy]") {
  laws::workbench<Climbing> bench(small<Climbing>());
  const auto b = laws::some_batch<Climbing>(1, 5);
  bench.lift("policy", 1.5);
  bench.with_step(b, [&](auto& s) {
    const auto noise = at::randn({5, 2}), many = at::randn({5, 3, 2});
    auto& net = s.policy_network();
    const auto mu = net.fixed(b.observations, noise).out;
    CHECK((mu.max().template item<float>() > 1));
    CHECK(close(s.pi(now).sample(noise), mu.clamp(-1, 1), 1e-6));
    CHECK(close(s.pi(now).sample_unclipped(noise), mu, 1e-6));
    CHECK(close(s.pi(now).sample(many).select(1, 2), s.pi(now).sample(many.select(1, 2).contiguous()), 1e-6));
    CHECK(s.pi(now).samples(3).sizes() == at::IntArrayRef({5, 3, 2}));
    CHECK(s.pi(now).sample(noise).requires_grad());
    CHECK_FALSE(s.pi(next).sample(noise).requires_grad());
    CHECK_FALSE(s.pi(b.observations).sample(noise).requires_grad());
    // With gradient it is drawn once for an update; at s', and of several actions, anew each time.
    const auto first = s.pi(now).latent_sample();
    CHECK(at::equal(s.pi(now).latent_sample().noise, first.noise));
    CHECK(close(s.pi(now).sample(), first.action.clamp(-1, 1), 1e-12));
    CHECK(close(first.action, net.fixed(b.observations, first.noise).out, 1e-6));
    CHECK_FALSE(close(s.pi(next).latent_sample().noise, s.pi(next).latent_sample().noise));
  });
}

TEST_CASE("a one-step policy comes to the flow's actions, noise by noise", "[policy][learning]") {
  // The flow is fitted to two points first; the one-step policy imitates what it makes of each noise.
  auto p = small<Distilled>();
  p.behavior.model.net.hidden = {64, 64}, p.behavior.model.adam.learning_rate = 3e-3, p.behavior.model.steps = 10;
  p.policy.net.hidden = {64, 64}, p.policy.adam.learning_rate = 3e-3, p.policy.adam.cosine_steps = 3000;
  p.behavior.pretrain_updates = 1000, p.behavior.keep_training = false;
  auto agent = laws::fresh<Distilled>(p, {1, 1});
  const std::int64_t rows = 256, count = 2000;
  const auto g = nn::generator(at::kCPU, 3, 0, 0);
  const auto some = [&] {
    const auto s = at::randn({rows, 1}, g, at::kFloat);
    return batch<at::Tensor>{s, 0.6 - 1.2 * (at::rand({rows, 1}, g, at::kFloat) < 0.25).to(at::kFloat),
                             at::zeros({rows}), s, at::ones({rows})};
  };
  for (int k = 0; k < 4000; ++k) agent.update(some());
  // Both at the same states and noise, and the energy distance of their samples, which is 0 for equal distributions.
  laws::workbench<Distilled> bench(p, {1, 1});
  bench.give(laws::numbers_of(agent));
  const auto s = at::randn({count, 1}), z = at::randn({count, 1}), other = at::randn({count, 1});
  batch<at::Tensor> at_states{s, {}, {}, s, {}};
  const auto [mine, flow, again] = bench.with_step(at_states, [&](auto& step) {
    at::NoGradGuard guard;
    const auto made = [&](const at::Tensor& noise) {
      return Generator<FlowPolicy>::generate(p.behavior, step, s, noise);
    };
    return std::tuple(step.pi(now).sample(z), made(z), made(other));
  });
  const auto apart = [](const at::Tensor& x, const at::Tensor& y) {
    return (x - y.transpose(0, 1)).abs().mean().item<double>();
  };
  const double energy = 2 * apart(mine, again) - apart(mine, mine) - apart(again, again);
  const double error = (mine - flow).square().mean().item<double>();
  INFO("squared distance " << error << ", energy distance " << energy);
  CHECK(error < 0.02);   // the flow's jump between its two points is steep
  CHECK(energy < 0.01);  // against 0.45 of a policy at 0
  CHECK((mine - flow).abs().median().item<double>() < 0.03);
  CHECK(2 * at::ones({1}).item<double>() * again.abs().mean().item<double>() - apart(again, again) > 0.3);
}

TEST_CASE("a one-step policy that can be the flow comes to it exactly", "[policy][learning]") {
  // Networks without hidden layers: v = s/2 - 2 x + 2/5 t, so that a step of 1/4 is  x <- x/2 + s/8 + t/10,  and four
  // take z to  z/16 + 15/64 s + (1/4 1/4 + 1/2 1/2 + 3/4)/10:  a line, as the policy is, inside of the box.
  auto p = small<Distilled>();
  p.behavior.model.net.hidden = p.policy.net.hidden = {};
  p.behavior.keep_training = false;
  p.policy.adam.learning_rate = 0.02, p.policy.adam.cosine_steps = 1200;
  auto agent = laws::fresh<Distilled>(p, {1, 1});
  {
    at::NoGradGuard guard;
    auto& net = agent.state_of<tessera::behavior>().net;
    const auto line = net.mlp().look(net.parameters()).layers.back();
    line.weight.copy_(at::tensor({0.5f, -2.0f, 0.4f}).view({1, 3, 1})), line.bias.zero_();
    net.move(at::zeros_like(net.parameters()));
  }
  agent.plan(1200);
  const auto g = nn::generator(at::kCPU, 3, 0, 0);
  for (int k = 0; k < 1200; ++k) {
    const auto s = at::rand({64, 1}, g, at::kFloat) * 2 - 1;
    agent.update({s, at::zeros({64, 1}), at::zeros({64}), s, at::ones({64})});
  }
  auto& net = agent.state_of<tessera::policy>().net;
  const auto line = net.mlp().look(net.parameters()).layers.back();
  CHECK(close(line.weight.detach().view({2}), row({15.0 / 64, 1.0 / 16}), 1e-4));
  CHECK(number(line.bias.sum()) == Approx(0.10625).margin(1e-4));
}
