#include <tessera/behavior/categorical_support.hpp>
#include <tessera/behavior/density.hpp>
#include <tessera/behavior/vae.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
const problem_spec<torch_backend> on{1, 1, 0, at::kCPU};
template <class M, class P>
struct Fitted {
  typename M::params h;
  typename M::template state<torch_backend> state;
  FixedStepWithState<P, typename M::template state<torch_backend>> step;
  Fitted(const typename M::params& p, const problem_spec<torch_backend>& problem) : h(p), state(p, problem) {
    step.own = &state;
  }
  void train(int updates) {
    for (int k = 0; k < updates; ++k) {
      ++step.number_of_update;
      step.draws = 0;
      const auto sum = M::loss(h, step);
      auto loss = sum.items[0].value;
      for (std::size_t i = 1; i < sum.items.size(); ++i) loss = loss + sum.items[i].value;
      loss.backward();
      state.each([](const char*, auto& net) { net.apply(); });
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

TEST_CASE("a support is of the actions that are frequent, and its model's outputs are kept small", "[behavior]") {
  using Model = CategoricalSupport;
  Model::params p;
  p.model.net.hidden = {};
  p.model.adam.learning_rate = 0.05;
  p.threshold = 0.3;
  p.logit_weight = 0.5;
  Fitted<Model, CategoricalPolicy> m(p, {1, 3, 0, at::kCPU});
  m.step.states = always(at::ones({4, 1}));
  m.step.actions = torch::tensor({0, 0, 1, 0}, at::kLong);
  // The outputs f = (1, 0, -1) at first: weights 0, biases f.
  auto v = m.state.net.mlp().look(m.state.net.parameters());
  v.layers[0].weight.zero_();
  v.layers[0].bias.copy_(torch::tensor({1.0f, 0.0f, -1.0f}).view({1, 1, 3}));
  auto sum = Model::loss(p, m.step);
  REQUIRE(sum.items.size() == 2);
  const double log_sum = std::log(std::exp(1.0) + 1 + std::exp(-1.0));
  CHECK(number(sum.items[0].value) == Approx(log_sum - 0.75));
  CHECK(number(sum.items[1].value) == Approx(0.5 * 2 / 3.0));
  // b / max b = (1, .37, .14)
  CHECK(close(Model::support(p, m.step, now), row({1, 1, 0}).expand({4, 3})));
  p.threshold = 0.4;
  CHECK(close(Model::support(p, m.step, next)[0], row({1, 0, 0})));
  CHECK_FALSE(Model::support(p, m.step, now).requires_grad());
  // The third action is never seen: without the second term its output falls forever.
  m.h.logit_weight = 0.05;
  m.train(2000);
  const auto f = v.layers[0].weight[0][0] + v.layers[0].bias[0][0], b = f.softmax(0);
  // At rest  b - frequency + 2 w f / 3 = 0.
  CHECK(close(b + 0.1 / 3 * f, row({0.75, 0.25, 0}), 1e-3));
  m.h.logit_weight = 0;
  m.train(500);
  CHECK((v.layers[0].weight[0][0] + v.layers[0].bias[0][0])[2].item<float>() < f[2].item<float>() - 1);
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
  CHECK(Model::log_prob(p, m.step, now, 0.5 * s).mean().item<double>() ==
        Approx(-std::log(0.1) - 0.91893853).margin(0.1));
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

TEST_CASE("a density of samples that are not squashed is that of the action as it is, also on the bounds of the box",
          "[behavior]") {
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

namespace {
/// Counts the steps of a model's networks.
template <class State>
struct CountingStep {
  using tensor = at::Tensor;
  State& own;
  std::int64_t number;
  int steps = 0;
  std::int64_t update() const { return number; }
  template <template <class> class S>
  State& state_of() {
    return own;
  }
  void descend(stage::behavior, auto&... networks) { steps += int(sizeof...(networks)); }
};
template <class M>
void pretrain_updates(int networks) {
  typename M::params p;
  typename M::template state<torch_backend> state(p, on);
  const auto steps = [&](std::int64_t update) {
    CountingStep<decltype(state)> step{state, update};
    M::run(stage::behavior{}, p, step);
    return step.steps;
  };
  p.pretrain_updates = 10;
  CHECK(M::alone(p) == 10);
  p.keep_training = false;
  CHECK((steps(10) == networks && steps(11) == 0));
  p.keep_training = true;
  CHECK(steps(11) == networks);
}
}  // namespace

TEST_CASE("a model of the behavior is trained in its head start, and beside the rest if asked", "[behavior]") {
  pretrain_updates<Density<GaussianPolicy>>(1);
  pretrain_updates<Vae>(2);
}

namespace {
// A network without hidden layers as numbers: weights (in, out), row by row, then the constants.
struct Affine {
  std::size_t in, out;
  std::vector<double> w;
  Affine(std::size_t inputs, std::size_t outputs, double phase) : in(inputs), out(outputs) {
    for (std::size_t i = 0; i < (in + 1) * out; ++i) w.push_back(0.6 * std::sin(double(i) + phase));
  }
  double operator()(const std::vector<double>& x, std::size_t j) const {
    double sum = w[in * out + j];
    for (std::size_t i = 0; i < in; ++i) sum += x[i] * w[i * out + j];
    return sum;
  }
  std::int64_t place(const nn::Network& net, std::size_t i) const {
    const auto& l = net.mlp().layers().back();
    return i < in * out ? l.weight + std::int64_t(i) : l.bias + std::int64_t(i - in * out);
  }
  void put(nn::Network& net) const {
    auto all = at::zeros_like(net.parameters());
    for (std::size_t i = 0; i < w.size(); ++i) all[0][place(net, i)] = w[i];
    net.assign(all);
  }
};
}  // namespace

TEST_CASE("a variational auto-encoder's loss and gradient, computed by hand", "[behavior]") {
  // Two states, actions of two numbers, so four of z; no number is 0 or 1, so that each piece of the formulas shows.
  const std::vector<std::vector<double>> s{{0.7}, {-1.2}}, a{{0.5, -0.8}, {-0.3, 0.9}},
      noise{{0.4, -1.1, 0.8, -0.2}, {-0.6, 0.3, 1.2, 0.9}};
  Affine encoder(3, 8, 0.3), decoder(5, 2, 1.7);
  const auto mse = [&] {
    double sum = 0;
    for (std::size_t b = 0; b < 2; ++b) {
      std::vector<double> x{s[b][0]};
      for (std::size_t k = 0; k < 4; ++k) {
        const std::vector<double> in{s[b][0], a[b][0], a[b][1]};
        x.push_back(encoder(in, k) + std::exp(encoder(in, 4 + k)) * noise[b][k]);
      }
      for (std::size_t j = 0; j < 2; ++j) sum += std::pow(std::tanh(decoder(x, j)) - a[b][j], 2);
    }
    return sum / 4;  // the mean over states and numbers
  };
  const auto kl = [&] {
    double sum = 0;
    for (std::size_t b = 0; b < 2; ++b)
      for (std::size_t k = 0; k < 4; ++k) {
        const std::vector<double> in{s[b][0], a[b][0], a[b][1]};
        const double mu = encoder(in, k), sigma = std::exp(encoder(in, 4 + k));
        sum += (mu * mu + sigma * sigma - 1) / 2 - std::log(sigma);  // KL(N(mu, sigma^2) || N(0, 1))
      }
    return sum / 8;
  };
  Vae::params p;
  p.encoder.hidden = p.decoder.hidden = {};
  p.kl_weight = 0.3;
  Fitted<Vae, DeterministicPolicy> m(p, {1, 2, 0, at::kCPU});
  encoder.put(m.state.encoder), decoder.put(m.state.decoder);
  const auto tensor = [](const std::vector<std::vector<double>>& x) {
    std::vector<at::Tensor> all;
    for (const auto& row : x) all.push_back(torch::tensor(row, at::kFloat));
    return at::stack(all);
  };
  m.step.dimensions = 2;
  m.step.states = only_at(now, tensor(s));
  m.step.actions = tensor(a), m.step.noise = {tensor(noise)};
  const auto sum = Vae::loss(p, m.step);
  REQUIRE(sum.items.size() == 2);
  CHECK(sum.items[0].value.item<double>() == Approx(mse()).epsilon(1e-5));
  CHECK(sum.items[1].value.item<double>() == Approx(0.3 * kl()).epsilon(1e-5));
  (sum.items[0].value + sum.items[1].value).backward();
  const auto check = [&](Affine& of, const nn::Network& net) {
    for (std::size_t i = 0; i < of.w.size(); ++i) {
      CAPTURE(i);
      const auto at = [&](double h) {
        const double kept = of.w[i];
        of.w[i] += h;
        const double y = mse() + 0.3 * kl();
        return of.w[i] = kept, y;
      };
      CHECK(number(net.gathered_gradient()[0][of.place(net, i)]) ==
            Approx((at(1e-6) - at(-1e-6)) / 2e-6).epsilon(1e-4).margin(1e-5));
    }
  };
  check(encoder, m.state.encoder), check(decoder, m.state.decoder);

  // Beyond its bounds log sigma is the bound's.
  std::fill(encoder.w.begin(), encoder.w.end(), 0.0);
  std::fill(encoder.w.begin() + 28, encoder.w.end(), -7.0);
  encoder.put(m.state.encoder);
  m.step.draws = 0;
  CHECK(Vae::loss(p, m.step).items[1].value.item<double>() == Approx(0.3 * ((std::exp(-8) - 1) / 2 + 4)));
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
  CHECK(std::abs(a.mean().item<double>()) < 0.3);                      // on both sides
}
