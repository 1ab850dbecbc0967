#include <tessera/actor/natural_policy_gradient.hpp>

#include <cmath>
#include <tessera/algorithms/morel_npg.hpp>
#include <tessera/nn/jacobian.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/torch.hpp>
#include <utility>

#include "helpers/tensors.hpp"
#include "laws/policy_laws.hpp"

using namespace tessera;
using namespace support;

namespace {
/// KL of two normals with means tanh f and bounded log-stds, mean over states, by its closed form.
template <class P>
at::Tensor divergence(const head<at::Tensor>& p, const head<at::Tensor>& q) {
  const auto ratio = P::log_std({}, p) - P::log_std({}, q),
             z = (P::mode({}, p) - P::mode({}, q)) * (-P::log_std({}, q)).exp();
  return (0.5 * ((2 * ratio).exp() + z.square() - 1) - ratio).sum(-1).mean();
}

/// A policy with a small network of doubles, and the Fisher product of the part.
template <class P>
struct Small {
  nn::Mlp mlp;
  at::Tensor parameters, states = at::randn({4, 2}, at::kDouble);
  Small() : mlp({.hidden = {3}, .activation = activation::tanh}, 2, 1, P::layout({}, 1)) {
    auto single = at::empty({1, mlp.row()}, at::kFloat);
    mlp.initialize(single, nn::generator(at::kCPU, 6, 0, 0));
    parameters = single.to(at::kDouble);
  }
  head<at::Tensor> at(const at::Tensor& p) const {
    return {mlp.forward(mlp.look(p), states).squeeze(0), mlp.look(p).state_independent};
  }
  at::Tensor fisher(const at::Tensor& v) const {
    const nn::Jacobian slope(mlp, parameters, states);
    auto u = P::fisher({}, slope.value(), slope.times(v));
    u.out = u.out / 4.0;
    return slope.transposed_times(u);
  }
};

template <class P>
void fisher_is_that_of_the_policy() {
  torch::manual_seed(7);
  const Small<P> net;
  const auto v = at::randn_like(net.parameters), product = net.fisher(v);
  // The mean over states and actions of the score times its part along v, actions by a rule that is exact for it.
  auto mean = at::zeros_like(v);
  for (const auto& [eps, probability] : laws::three_normals)
    for (std::int64_t b = 0; b < 4; ++b) {
      const auto p = leaf(net.parameters);
      const auto x = net.at(p);
      const auto a = P::unclipped({}, x, at::full({4, 1}, eps, at::kDouble)).detach();
      P::log_prob({}, x, a)[b].backward();
      mean += probability / 4 * (p.grad() * v).sum() * p.grad();
    }
  CHECK(close(product, mean, 1e-8));
  // The curvature of the KL.
  const double t = 1e-3;
  const auto here = net.at(net.parameters);
  const auto there = [&](double by) { return number(divergence<P>(here, net.at(net.parameters + by * v))); };
  CHECK(number((v * product).sum()) == Approx((there(t) + there(-t)) / (t * t)).epsilon(1e-4));
}

using R = recipes::MorelNpg;
using Memory = tessera::detail::memory<R, torch_backend>;
using Step = step<R, torch_backend>;
params_of<R> small() {
  params_of<R> p;
  p.policy.net.hidden = {4}, p.value.net.hidden = {4};
  p.dynamics.net.hidden = {4}, p.dynamics.members = 2;
  p.actor.iterations = 60, p.actor.cloning_steps = 0;
  return p;
}
/// A learner's memory on a problem of 3 observations and 2 actions, and a batch of the policy's own actions.
struct Problem {
  params_of<R> p;
  problem_spec<torch_backend> on{3, 2, 7, at::kCPU};
  Memory m;
  nn::Units units{nn::Units(Normalizer{{0, 0, 0}, {1, 1, 1}, 1, 0, {-1, -1}, {1, 1}}), on};
  batch<at::Tensor> b;
  explicit Problem(params_of<R> q = small()) : p(q), m(p, on) {
    torch::manual_seed(3);
    const std::int64_t n = 500;
    b = {at::randn({n, 3}), {}, at::zeros({n}), at::randn({n, 3}), at::ones({n})};
    at::NoGradGuard guard;
    b.actions = GaussianPolicy::unclipped({}, m.of<policy>().net.fixed(b.observations), at::randn({n, 2}));
    b.set<column::returns>(b.actions.select(1, 0) * b.observations.select(1, 0) - b.actions.select(1, 1).square());
    b.logged = 0;
  }
};
double metric(Step& s, const std::string& name) {
  for (const auto& t : s.logged())
    if (t.name == name) return number(t.value);
  FAIL("no metric " << name);
  return 0;
}
}  // namespace

TEST_CASE("the Fisher product is that of the policy, and the curvature of its KL", "[actor]") {
  fisher_is_that_of_the_policy<GaussianPolicy>();
  fisher_is_that_of_the_policy<StateDependentGaussianPolicy>();
}

TEST_CASE("a natural step moves the policy by the KL that was asked for, uphill", "[actor]") {
  // To second order, that is: the error of the KL is one of the step's length, which is the root of it.
  for (const auto& [kl, tolerance] : {std::pair{1e-4, 0.25}, {1e-6, 0.025}}) {
    INFO(kl);
    auto p = small();
    p.actor.kl = kl;
    Problem on(p);
    Step s(on.p, on.m, on.on, on.units, on.b, 1);
    const auto loss = NaturalPolicyGradient::loss(on.p.actor, s);
    REQUIRE(loss.items.size() == 1);
    loss.items[0].value.backward();
    const auto g = -on.m.of<policy>().net.gathered_gradient(), before = on.m.of<policy>().net.parameters().clone();
    CHECK(on.m.of<value>().net.gathered_gradient().abs().max().item<float>() == 0);  // the advantage is a constant
    head<at::Tensor> was = on.m.of<policy>().net.fixed(on.b.observations);
    was.state_independent = was.state_independent.clone();
    const auto slope = on.m.of<policy>().net.jacobian(on.b.observations);
    const auto damped = [&](const at::Tensor& v) {
      auto u = GaussianPolicy::fisher(on.p.policy, was, slope.times(v));
      u.out = u.out / 500;
      return slope.transposed_times(u) + on.p.actor.damping * v;
    };
    const auto advantage = s.advantage(), old_density = s.pi(on.b.observations).log_prob(on.b.actions);
    // Before it moves: x solves (F + damping) x = g, and the step d = c x has d.(F + damping) d = 2 kl.
    const auto x = math::conjugate_gradient(damped, g, 60), expected = x * std::sqrt(2 * kl / number((g * x).sum()));
    CHECK(close(damped(x), g, 1e-4));
    CHECK(number((expected * damped(expected)).sum()) == Approx(2 * kl).epsilon(1e-3));

    NaturalPolicyGradient::move(stage::actor{}, on.p.actor, s);
    const auto moved = on.m.of<policy>().net.parameters() - before;
    CHECK(close(moved, expected, 1e-5));
    CHECK(on.m.of<policy>().net.gathered_gradient().abs().max().item<float>() == 0);
    const auto exact = [](const head<at::Tensor>& h) {
      return head<at::Tensor>{h.out.to(at::kDouble), h.state_independent.to(at::kDouble)};
    };
    const double undamped = kl - number(0.5 * on.p.actor.damping * moved.square().sum());
    CHECK(undamped > 0.8 * kl);
    CHECK(number(divergence<GaussianPolicy>(exact(was), exact(on.m.of<policy>().net.fixed(on.b.observations)))) ==
          Approx(undamped).epsilon(tolerance));
    CHECK(metric(s, "actor/kl") == Approx(undamped).epsilon(0.2 + tolerance));  // by the batch's actions
    // The surrogate E [pi_new / pi_old A] rises, to first order by g.d.
    const auto new_density = s.pi(on.b.observations).log_prob(on.b.actions);
    const double gain = number((((new_density - old_density).exp() - 1) * advantage).mean());
    CHECK(gain > 0);
    CHECK(gain == Approx(metric(s, "actor/gain")));
    CHECK(gain == Approx(number((g * moved).sum())).epsilon(tolerance));
  }
}

TEST_CASE("without an advantage nothing moves", "[actor]") {
  Problem on;
  on.b.set<column::returns>(on.b.get<column::returns>() * 0);
  on.p.value.standardize = false;
  at::NoGradGuard guard;
  on.m.of<value>().net.move(-on.m.of<value>().net.parameters());
  at::AutoGradMode with(true);
  Step s(on.p, on.m, on.on, on.units, on.b, 1);
  NaturalPolicyGradient::loss(on.p.actor, s).items[0].value.backward();
  const auto before = on.m.of<policy>().net.parameters().clone();
  NaturalPolicyGradient::move(stage::actor{}, on.p.actor, s);
  CHECK(at::equal(on.m.of<policy>().net.parameters(), before));
}

TEST_CASE("the policy is cloned from the log first, once", "[actor]") {
  auto p = small();
  p.actor.cloning_steps = 600, p.actor.cloning_batch = 64, p.policy.adam.learning_rate = 1e-2,
  p.policy.log_std_min = -5;
  Problem on(p);
  on.b.actions =
      at::stack({0.6 * on.b.observations.select(1, 0).tanh(), at::full({500}, -0.4)}, 1) + 0.1 * at::randn({500, 2});
  on.b.logged = batch<at::Tensor>::everything;
  at::NoGradGuard guard;
  Step s(on.p, on.m, on.on, on.units, on.b, 0);
  NaturalPolicyGradient::run(stage::start{}, on.p.actor, s);
  const auto x = on.m.of<policy>().net.fixed(on.b.observations);
  CHECK((GaussianPolicy::mode({}, x) - on.b.actions).square().mean().item<double>() < 0.02);
  CHECK(close(GaussianPolicy::log_std({}, x).exp(), row({0.1, 0.1}), 0.05));
  const auto once = on.m.of<policy>().net.parameters().clone();
  NaturalPolicyGradient::run(stage::start{}, on.p.actor, s);
  CHECK(at::equal(on.m.of<policy>().net.parameters(), once));
}
