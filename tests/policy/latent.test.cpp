#include <tessera/policy/latent.hpp>

#include <cmath>

#include <tessera/behavior/generator.hpp>
#include <tessera/select/mode.hpp>

#include "helpers/tensors.hpp"
#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Wants as much of the generator's noise as there is.
struct AsFarAsItGoes : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/far", -step.pi(now).latent_with_log_prob().action.mean()};
  }
};
template <class M>
using Steered = recipe<policy<LatentPolicy>, behavior<Generator<M>>, actor<AsFarAsItGoes>>;
template <class M>
params_of<Steered<M>> small(double bound) {
  auto p = laws::small<Steered<M>>();
  p.policy.bound = bound, p.behavior.keep_training = false;
  return p;
}
}  // namespace

TEST_CASE("a latent policy acts by its generator, in a box of noise", "[policy]") {
  using R = Steered<FlowPolicy>;
  const auto p = small<FlowPolicy>(1.5);
  laws::workbench<R> bench(p);
  const auto b = laws::some_batch<R>(1, 7);
  bench.with_step(b, [&](auto& s) {
    const auto pi = s.pi(now);
    const auto made = [&](const at::Tensor& states, const at::Tensor& w) {
      return Generator<FlowPolicy>::generate(p.behavior, s, states, w);
    };
    const auto mu = s.policy_network().fixed(b.observations).out.narrow(1, 0, 2);
    CHECK(close(pi.latent_mode(), 1.5 * mu.tanh(), 1e-6));
    CHECK(close(pi.mode(), made(b.observations, 1.5 * mu.tanh()), 1e-6));
    CHECK(close(s.pi(next).mode(), s.pi(b.next_observations).mode(), 1e-6));
    CHECK_FALSE(pi.mode().requires_grad());
    CHECK_FALSE(pi.sample().requires_grad());
    const auto w = pi.latent_with_log_prob();
    CHECK(w.action.requires_grad());
    CHECK(w.action.abs().max().template item<float>() <= 1.5);
    const auto many = pi.samples(5);
    CHECK(many.sizes() == at::IntArrayRef({7, 5, 2}));
    CHECK(many.abs().max().template item<float>() <= 1);
    CHECK_FALSE(close(many.select(1, 0), many.select(1, 1)));
  });
}

TEST_CASE("the density of a latent policy's noise integrates to one over its box", "[policy]") {
  // 1-d, mu = 0.3, sigma = 1/2: the density of b tanh u by hand; and the mean of 1 / p over samples is the box's size.
  using R = Steered<FlowPolicy>;
  const auto p = small<FlowPolicy>(2);
  laws::workbench<R> bench(p, {1, 1});
  bench.each_network([&](const std::string& name, auto& net) {
    if (name != "policy") return;
    at::NoGradGuard guard;
    for (auto& l : net.mlp().look(net.parameters()).layers) l.weight.zero_(), l.bias.zero_();
    net.mlp().look(net.parameters()).layers.back().bias.copy_(at::tensor({0.3f, std::log(0.5f)}).view({1, 1, 2}));
    net.move(at::zeros_like(net.parameters()));
  });
  const std::int64_t rows = 200'000;
  const auto s = at::zeros({rows, 1});
  bench.with_step({s, {}, {}, s, {}}, [&](auto& step) {
    at::NoGradGuard guard;
    const auto [w, log_prob] = step.pi(now).latent_with_log_prob();
    const auto x = w.squeeze(1).to(at::kDouble) / 2, u = x.atanh();
    const auto by_hand =
        -0.5 * ((u - 0.3) / 0.5).square() - std::log(0.5) - 0.918938533204673 - (1 - x * x).log() - std::log(2.0);
    const auto inside = x.abs() < 0.99;
    CHECK(close(log_prob.to(at::kDouble).index({inside}), by_hand.index({inside}), 1e-3));
    // E 1[|w| < 1] / p(w) is the length of (-1, 1).
    const auto middle = (w.squeeze(1).abs() < 1).to(at::kDouble);
    CHECK(number((middle * (-log_prob.to(at::kDouble)).exp()).mean()) == Approx(2).epsilon(0.02));
  });
}

TEST_CASE("a latent policy never leaves its box and never moves its generator", "[policy][learning]") {
  const auto try_out = [&]<class M>(M) {
    using R = Steered<M>;
    auto p = small<M>(0.7);
    p.policy.adam.learning_rate = 0.1;
    auto agent = laws::fresh<R>(p);
    const auto before = laws::numbers_of(agent);
    for (std::uint64_t k = 1; k <= 60; ++k) agent.update(laws::some_batch<R>(k));
    for (const auto& name : laws::different(before, laws::numbers_of(agent))) {
      INFO(name);
      CHECK((name.starts_with("policy/") || name == "updates"));
    }
    CHECK(laws::metric(agent, "actor/far") == Approx(-0.7).margin(0.01));
    CHECK(laws::metric(agent, "actor/far") >= -0.7);
    const auto x = at::randn({50, 3});
    CHECK(agent.act(x).abs().max().template item<float>() <= 1);
    CHECK(at::equal(agent.act(x), agent.act(x)));
  };
  try_out(FlowPolicy{});
  try_out(DdimPolicy{});
}
