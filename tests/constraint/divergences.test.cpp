#include <tessera/behavior/density.hpp>
#include <tessera/constraint/dual_kl.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/constraint/mmd.hpp>
#include <tessera/constraint/reverse_kl.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("reverse KL of discrete actions, computed by hand", "[constraint]") {
  FixedStep<CategoricalPolicy> step;
  const auto logits = leaf(matrix(1, 2, {std::log(3.0), 0}));
  step.heads[now] = {logits, {}};
  step.behavior_densities = only_at(now, matrix(1, 2, {std::log(0.5), std::log(0.5)}));
  ReverseKl::params h;
  h.weight = 2;
  const auto loss = only(ReverseKl::loss(h, step), "constraint/kl");
  CHECK(number(loss) == Approx(2 * (0.75 * std::log(1.5) + 0.25 * std::log(0.5))));
  loss.backward();
  // pi_a (log pi_a/b_a - KL): for the first 3/4 (log 3/2 - KL)
  const double kl = 0.75 * std::log(1.5) + 0.25 * std::log(0.5);
  CHECK(close(logits.grad(), matrix(1, 2, {2 * 0.75 * (std::log(1.5) - kl), 2 * 0.25 * (std::log(0.5) - kl)})));
}

TEST_CASE("reverse KL of continuous actions is the mean over its samples", "[constraint]") {
  FixedStep<TanhGaussianPolicy> step;
  const auto out = leaf(matrix(1, 2, {0.3, std::log(0.5)}));
  step.heads[now] = {out, {}};
  step.noise = {matrix(1, 1, {(0.42364893 - 0.3) / 0.5}), matrix(1, 1, {(0.42364893 - 0.3) / 0.5})};
  std::vector<double> asked;
  step.behavior_density = [&](place where, const at::Tensor& a) {
    CHECK(where == now);
    asked.push_back(number(a.sum()));
    return asked.size() == 1 ? 0.5 * a.squeeze(-1) : a.squeeze(-1) - 1e6;  // .2; far below the floor
  };
  ReverseKl::params h;
  h.samples = 2;
  const auto loss = only(ReverseKl::loss(h, step), "constraint/kl");
  CHECK(asked.size() == 2);
  CHECK(asked[0] == Approx(0.4));
  CHECK(number(loss) == Approx(-0.082016081 - (0.2 - 10) / 2));
  loss.backward();
  CHECK(out.grad().abs().min().item<double>() > 0);
}

TEST_CASE("divergences at the next state are to the log's next action, where known", "[constraint]") {
  FixedStep<DeterministicPolicy> step;
  step.dimensions = 2;
  step.heads[next] = {matrix(2, 2, {0, std::atanh(0.5), 0, 0}), {}};
  step.next_actions = matrix(2, 2, {0.5, 0.5, 1, 1});
  step.next_known = row({1, 0});
  CHECK(close(SquaredError::at({}, step, next), row({0.125, 0})));
  CHECK(close(SummedSquaredError::at({}, step, next), row({0.25, 0})));
  step.heads[now] = step.heads[next];
  step.actions = step.next_actions;
  CHECK(number(only(SummedSquaredError::loss({.weight = 3}, step), "constraint/mse")) == Approx(3 * (0.25 + 2) / 2));

  FixedStep<CategoricalPolicy> discrete;
  discrete.heads[next] = {matrix(2, 2, {std::log(3.0), 0, 0, 0}), {}};
  discrete.next_actions = torch::tensor({0, 0}, at::kLong);
  discrete.next_known = row({1, 0});
  CHECK(close(ForwardKl::at({}, discrete, next), row({-std::log(0.75), 0})));
}

TEST_CASE("maximum mean discrepancy, computed by hand", "[constraint][math]") {
  const auto x = row({0, 1}).view({1, 2, 1}), y = row({0.5, 0.5}).view({1, 2, 1});
  // Laplacian, sigma = 1/2: exp(-|x - y|).
  const double xx = (1 + std::exp(-1.0)) / 2, yy = 1, xy = std::exp(-0.5);
  CHECK(number(math::squared_mmd<LaplacianKernel>(x, y, 0.5)[0]) == Approx(xx + yy - 2 * xy));
  const double gxx = (1 + std::exp(-1.0)) / 2, gxy = std::exp(-0.25);
  CHECK(number(math::squared_mmd<GaussianKernel>(x, y, 0.5)[0]) == Approx(gxx + 1 - 2 * gxy));
  CHECK(number(math::squared_mmd<GaussianKernel>(x, x, 0.5)[0]) == Approx(0).margin(1e-15));
  // Its root, with the number that keeps the slope finite.
  CHECK(number(math::mmd<LaplacianKernel>(x, y, 0.5)[0]) == Approx(std::sqrt(xx + yy - 2 * xy + 1e-6)));
  CHECK(number(math::mmd<GaussianKernel>(x, x, 0.5)[0]) == Approx(1e-3));
  // Of equal distributions it vanishes with many samples, of different ones it does not; a Gaussian kernel sees the
  // means.
  torch::manual_seed(3);
  const auto a = at::randn({1, 800, 2}, at::kDouble), b = at::randn({1, 800, 2}, at::kDouble);
  CHECK(number(math::squared_mmd<LaplacianKernel>(a, b, 1)[0]) < 0.01);
  CHECK(number(math::squared_mmd<LaplacianKernel>(a, at::Tensor(b + 1), 1)[0]) > 0.05);

  FixedStep<DeterministicPolicy> step;
  const auto head = leaf(matrix(1, 1, {0}));
  step.heads[now] = {head, {}};
  step.behavior_draws = [](place where, std::int64_t count) {
    CHECK(where == now);
    CHECK(count == 2);
    return row({0.5, 0.5}).view({1, 2, 1});
  };
  using Part = Mmd<LaplacianKernel>;
  static_assert(StateDivergence<Part> && StateDivergence<Mmd<GaussianKernel>>);
  const auto loss = only(Part::loss({.weight = 2, .samples = 2, .bandwidth = 0.5}, step), "constraint/mmd");
  // One action twice against another twice: MMD^2 = 2 - 2 e^-|x - y|, of slope -2 e^-1/2 in x at x = 0, y = 1/2; the
  // root's is half of it over the root.
  const double mmd = std::sqrt(2 - 2 * std::exp(-0.5) + 1e-6);
  CHECK(number(loss) == Approx(2 * mmd));
  loss.backward();
  CHECK(number(head.grad()) == Approx(-2 * std::exp(-0.5) / mmd));  // toward the behavior
}

TEST_CASE("a discrepancy pulls as hard near its target as far from it", "[constraint][math]") {
  // For this kernel of two points MMD^2 = 2 - 2 exp(-x^2), so near 0 MMD = sqrt(2) x: a slope of sqrt(2) at every small
  // x, where the square's falls as 4 x.
  for (double x : {0.2, 0.1, 0.05}) {
    const auto point = leaf(row({x, x}).view({1, 2, 1})), zero = row({0, 0}).view({1, 2, 1});
    math::mmd<GaussianKernel>(point, zero, 0.5).sum().backward();
    CHECK(number(point.grad().sum()) == Approx(std::sqrt(2.0)).epsilon(0.04));
    point.mutable_grad().zero_();
    math::squared_mmd<GaussianKernel>(point, zero, 0.5).sum().backward();
    CHECK(number(point.grad().sum()) == Approx(4 * x).epsilon(0.05));
  }
  // The mean over states of roots is below the root of the mean: a bound on the square is the tighter one.
  const auto x = row({0, 0, 0.6, 0.6}).view({2, 2, 1}), y = row({0, 0, 0, 0}).view({2, 2, 1});
  const double far = 2 - 2 * std::exp(-0.36);
  CHECK(number(math::mmd<GaussianKernel>(x, y, 0.5).mean()) == Approx((std::sqrt(1e-6) + std::sqrt(far + 1e-6)) / 2));
  CHECK(number(math::squared_mmd<GaussianKernel>(x, y, 0.5).mean()) == Approx(far / 2));
}

TEST_CASE("a constraint's multiplier rises while the divergence is above its target", "[constraint]") {
  using Part = Lagrange<SquaredError>;
  static_assert(StateDivergence<Part> && RunsIn<Part, stage::duals>);
  Part::params h;
  h.weight = 4;
  h.target = 0.01;
  Part::state<torch_backend> state(h, problem_spec<torch_backend>{1, 1, 0, at::kCPU});
  FixedStepWithState<DeterministicPolicy, Part::state<torch_backend>, Part::params> step;
  step.own = &state;
  step.own_params = h;
  step.heads[now] = {matrix(1, 1, {std::atanh(0.5)}), {}};
  step.actions = matrix(1, 1, {0});
  CHECK(number(only(Part::loss(h, step), "constraint/mse")) == Approx(4 * 0.25));
  CHECK(number(Part::coefficient(h, step)) == Approx(4));
  Part::run(stage::duals{}, h, step);
  CHECK(number(Part::coefficient(h, step)) > 4);
}

namespace {
struct Learned {
  DualKl::params h;
  DualKl::state<torch_backend> state;
  FixedStepWithState<DeterministicPolicy, DualKl::state<torch_backend>> step;
  explicit Learned(const DualKl::params& p, std::int64_t actions = 1)
      : h(p), state(p, problem_spec<torch_backend>{1, actions, 0, at::kCPU}) {}
};
}  // namespace

TEST_CASE("the dual form's bound and its slope's penalty, computed by hand", "[constraint]") {
  // c(s, a) = v tanh(w_s s + w . a + b) + c, actions of two numbers; the slope in a is v (1 - tanh^2) w, |w| = 1.
  double weights[]{0.4, 0.6, -0.8, 0.3, 2.5, -0.7};  // w_s, w, b, v, c
  const double s[]{0.5, 3, 0.2}, s_next[]{-0.3, 0.8, 1.1}, u[]{0.25, 0.6, 0.9};
  const double pi[3][2]{{0.3, 0.1}, {-0.9, 0.9}, {0.6, -0.5}}, log[3][2]{{-0.4, 0.7}, {0.2, -0.6}, {0.8, 0.4}};
  const auto inner = [&](double state, double a, double b) {
    return std::tanh(weights[0] * state + weights[1] * a + weights[2] * b + weights[3]);
  };
  const auto c = [&](double state, const double* a) { return weights[4] * inner(state, a[0], a[1]) + weights[5]; };
  const auto softly = [](double x) { return std::log1p(std::exp(x)); };
  const auto bound = [&](const double* states, int i) {
    return 1 + std::log(softly(c(states[i], pi[i]))) - softly(c(states[i], log[i]));
  };
  const auto slope = [&](int i) {
    const auto mix = [&](int j) { return pi[i][j] + u[i] * (log[i][j] - pi[i][j]); };
    return std::abs(weights[4]) * (1 - std::pow(inner(s[i], mix(0), mix(1)), 2)) * std::hypot(weights[1], weights[2]);
  };
  const auto fit = [&] { return -(bound(s, 0) + bound(s, 1) + bound(s, 2)) / 3; };
  const auto penalty = [&] {
    double sum = 0;
    for (int i = 0; i < 3; ++i) sum += std::pow(std::max(slope(i) - 1, 0.0), 2);
    return 5 * sum / 3;
  };
  CHECK(slope(1) < 1);  // and so for free
  CHECK((slope(0) > 1.1 && slope(2) > 1.1));

  DualKl::params p;
  p.net.hidden = {1}, p.net.activation = activation::tanh;
  Learned one(p, 2);
  auto& net = one.state.discriminator;
  const auto &first = net.mlp().layers()[0], &last = net.mlp().layers()[1];
  const std::int64_t places[]{first.weight, first.weight + 1, first.weight + 2, first.bias, last.weight, last.bias};
  auto all = at::zeros_like(net.parameters());
  for (int k = 0; k < 6; ++k) all[0][places[k]] = weights[k];
  net.assign(all);
  auto& step = one.step;
  const auto column = [](const double* x) {
    return torch::tensor(std::vector<double>(x, x + 3), at::kFloat).view({3, 1});
  };
  const auto pairs = [](const double(*x)[2]) {
    return torch::tensor(std::vector<double>(x[0], x[0] + 6), at::kFloat).view({3, 2});
  };
  step.own = &one.state, step.dimensions = 2;
  step.states = [&](place where) { return column(where == now ? s : s_next); };
  step.actions = step.next_actions = pairs(log), step.next_known = torch::tensor({1.0f, 0.0f, 1.0f});
  step.heads[now] = step.heads[next] = {pairs(pi).atanh(), {}};
  step.noise = {column(u)};

  const auto sum = DualKl::fit(p, step);
  REQUIRE(sum.items.size() == 2);
  CHECK(number(sum.items[0].value) == Approx(fit()).epsilon(1e-5));
  CHECK(number(sum.items[1].value) == Approx(penalty()).epsilon(1e-5));
  (sum.items[0].value + sum.items[1].value).backward();
  for (int k = 0; k < 6; ++k) {
    CAPTURE(k);
    const auto at = [&](double h) {
      const double kept = weights[k];
      weights[k] += h;
      const double y = fit() + penalty();
      return weights[k] = kept, y;
    };
    CHECK(number(net.gathered_gradient()[0][places[k]]) ==
          Approx((at(1e-6) - at(-1e-6)) / 2e-6).epsilon(1e-4).margin(1e-5));
  }
  for (int i = 0; i < 3; ++i) {
    CHECK(number(DualKl::at(p, step, now)[i]) == Approx(bound(s, i)).epsilon(1e-5));
    CHECK(number(DualKl::at(p, step, next)[i]) == Approx(i == 1 ? 0 : bound(s_next, i)).epsilon(1e-5));
  }
}

TEST_CASE("the dual form tells the policy's actions from the log's", "[constraint]") {
  torch::manual_seed(0);
  DualKl::params p;
  p.net.hidden = {32};
  p.adam.learning_rate = 3e-3;
  Learned apart(p), equal(p);
  const std::int64_t n = 128;
  for (auto* one : {&apart, &equal}) {
    auto& step = one->step;
    step.own = &one->state;
    step.states = always(at::zeros({n, 1}));
    step.actions = at::rand({n, 1}) * 0.4;
    step.heads[now] = {(one == &apart ? step.actions - 0.6 : step.actions.roll(1, 0)).atanh().detach(), {}};
    for (int k = 0; k < 300; ++k) {
      step.noise = {at::rand({n, 1})};
      step.draws = 0;
      const auto sum = DualKl::fit(one->h, step);
      REQUIRE(sum.items.size() == 2);
      (sum.items[0].value + sum.items[1].value).backward();
      one->state.discriminator.apply();
    }
  }
  const double far = DualKl::at(p, apart.step, now).mean().item<double>(),
               near = DualKl::at(p, equal.step, now).mean().item<double>();
  CHECK(std::abs(near) < 0.1);  // its maximum over c is 0 where the two agree
  CHECK(far > near + 0.1);
  // The gradient drives the policy to the log's side, and leaves c alone.
  const auto head = leaf(at::full({n, 1}, -0.4));
  apart.step.heads[now] = {head, {}};
  only(DualKl::loss(p, apart.step), "constraint/dual_kl").backward();
  CHECK(head.grad().mean().item<double>() < 0);
  CHECK(apart.state.discriminator.gradient().abs().max().item<double>() == 0);
}
