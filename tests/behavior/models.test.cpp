#include <tessera/behavior/density.hpp>
#include <tessera/behavior/vae.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>

#include "support/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
const problem_spec<torch_backend> on{1, 1, 0, at::kCPU};
template <class M, class P>
struct Fitted {
  typename M::params h;
  typename M::template state<torch_backend> state;
  FixedStepWithState<P, typename M::template state<torch_backend>> step;
  Fitted(const typename M::params& p, const problem_spec<torch_backend>& problem) : h(p), state(p, problem) { step.own = &state; }
  void train(int updates) {
    for (int k = 0; k < updates; ++k) {
      ++step.number_of_update;
      step.draws = 0;
      const auto sum = M::fit(h, step);
      auto loss = sum.items[0].value;
      for (int i = 1; i < sum.count; ++i) loss = loss + sum.items[i].value;
      loss.backward();
      M::step_fit(step);
    }
  }
};
}  // namespace

TEST_CASE("a density of discrete actions learns their frequencies", "[behavior]") {
  using Model = Density<CategoricalPolicy>;
  static_assert(EnumerableBehavior<Model> && !BehaviorSampler<Model>);
  Model::params p;
  p.model.net.hidden = {};
  p.model.adam.learning_rate = 0.05;
  Fitted<Model, CategoricalPolicy> m(p, {1, 2, 0, at::kCPU});
  m.step.states = always(at::ones({4, 1}));
  m.step.actions = torch::tensor({0, 0, 1, 0}, at::kLong);
  m.train(500);
  CHECK(close(Model::log_probs(p, m.step, now).exp()[0], row({0.75, 0.25}), 1e-3));
  CHECK(close(Model::log_prob(p, m.step, next, m.step.actions).exp(), row({0.75, 0.75, 0.25, 0.75}), 1e-3));
}

TEST_CASE("a density of continuous actions learns their distribution", "[behavior]") {
  using Model = Density<GaussianPolicy>;
  static_assert(BehaviorDensity<Model> && BehaviorSampler<Model> && !EnumerableBehavior<Model>);
  torch::manual_seed(0);
  Model::params p;
  p.model.net.hidden = {};
  p.model.adam.learning_rate = 0.02;
  Fitted<Model, GaussianPolicy> m(p, on);
  const auto s = at::randint(2, {2000, 1}).to(at::kFloat) * 2 - 1;
  m.step.states = always(s);
  m.step.actions = 0.5 * s + 0.1 * at::randn({2000, 1});
  m.train(600);
  // log N(.5; .5, .1)
  CHECK(Model::log_prob(p, m.step, now, 0.5 * s).mean().item<double>() == Approx(-std::log(0.1) - 0.91893853).margin(0.1));
  // Its samples: K for each state, in the states' order, without gradient.
  m.step.noise = {at::randn({2000, 50})};
  m.step.draws = 0;
  const auto a = Model::samples(p, m.step, now, 50);
  CHECK(a.sizes() == at::IntArrayRef({2000, 50, 1}));
  CHECK_FALSE(a.requires_grad());
  CHECK(at::allclose(a.mean(1), 0.5 * s, 0, 0.06));
  CHECK(a.std(1).mean().item<double>() == Approx(0.1).margin(0.02));
}

TEST_CASE("a density gives its gradient to the action alone, inside the box", "[behavior]") {
  using Model = Density<TanhGaussianPolicy>;
  Model::params p;
  p.model.net.hidden = {8};
  Fitted<Model, TanhGaussianPolicy> m(p, on);
  m.step.states = always(at::zeros({2, 1}));
  const auto a = leaf(torch::tensor({{0.2f}, {1.0f}}));
  const auto log_b = Model::log_prob(p, m.step, now, a);
  CHECK(log_b.isfinite().all().item<bool>());
  log_b.sum().backward();
  CHECK(a.grad()[0].item<float>() != 0);
  CHECK(a.grad()[1].item<float>() == 0);  // beyond +-(1 - 1e-3) it is flat
  CHECK(m.state.net.gradient().abs().max().item<float>() == 0);
}

TEST_CASE("a density of samples that are not squashed is that of the action as it is, also on the bounds of the box", "[behavior]") {
  using Model = Density<GaussianPolicy>;
  Model::params p;
  p.model.net.hidden = {};
  p.model.net.last_gain = 0;  // N(tanh 0, 1), but for the bias
  Fitted<Model, GaussianPolicy> m(p, on);
  m.step.states = always(at::zeros({2, 1}));
  const auto a = leaf(torch::tensor({{1.0f}, {-1.0f}}));
  Model::log_prob(p, m.step, now, a).sum().backward();
  // d/da of -1/2 (a - mu)^2 is mu - a: the two differ by 2.
  CHECK(a.grad()[1].item<double>() - a.grad()[0].item<double>() == Approx(2));
}

TEST_CASE("a model is fitted before the rest, and beside it if asked", "[behavior]") {
  const auto check = [](auto p, auto fits) {
    p.head_start = 10;
    p.beside = false;
    CHECK(fits(p, 10) == 1);
    CHECK(fits(p, 11) == 0);
    p.beside = true;
    CHECK(fits(p, 11) == 1);
  };
  check(Density<GaussianPolicy>::params{}, Density<GaussianPolicy>::fits);
  check(Vae::params{}, Vae::fits);
}

TEST_CASE("a variational auto-encoder's loss, computed by hand", "[behavior]") {
  // Networks that are 0 everywhere: mu = 0, sigma = 1, a^ = 0: no divergence, and the mean square of the actions.
  Vae::params p;
  p.encoder.hidden = p.decoder.hidden = {};
  p.encoder.last_gain = p.decoder.last_gain = 0;
  Fitted<Vae, DeterministicPolicy> m(p, on);
  m.step.states = always(at::zeros({2, 1}));
  m.step.actions = torch::tensor({{0.5f}, {-1.0f}});
  m.step.noise = {at::ones({2, 2})};
  const auto sum = Vae::fit(p, m.step);
  REQUIRE(sum.count == 2);
  CHECK(sum.items[0].value.item<double>() == Approx((0.25 + 1) / 2));
  CHECK(sum.items[1].value.item<double>() == Approx(0).margin(1e-7));
}

TEST_CASE("a variational auto-encoder samples two modes that a Gaussian cannot", "[behavior]") {
  torch::manual_seed(0);
  Vae::params p;
  p.encoder.hidden = p.decoder.hidden = {32};
  p.adam.learning_rate = 3e-3;
  p.kl_weight = 0.05;
  Fitted<Vae, DeterministicPolicy> m(p, on);
  const std::int64_t n = 256;
  m.step.states = always(at::zeros({n, 1}));
  m.step.actions = at::randint(2, {n, 1}).to(at::kFloat) * 1.2 - 0.6;
  for (int k = 0; k < 800; ++k) {
    m.step.noise = {at::randn({n, 2})};
    m.train(1);
  }
  m.step.noise = {at::randn({n, 2 * 20})};
  m.step.draws = 0;
  const auto a = Vae::samples(p, m.step, now, 20);
  CHECK(a.sizes() == at::IntArrayRef({n, 20, 1}));
  CHECK((a.abs() > 0.35).to(at::kFloat).mean().item<double>() > 0.6);  // near +-.6, not between
  CHECK(std::abs(a.mean().item<double>()) < 0.3);                     // on both sides
}
