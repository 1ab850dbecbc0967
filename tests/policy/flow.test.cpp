#include <tessera/policy/flow.hpp>

#include <cmath>
#include <vector>

#include <tessera/actor/match_flow.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/select/sample.hpp>

#include "helpers/fixed_step.hpp"
#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
using Recipe = recipe<policy<FlowPolicy>, actor<MatchFlow>, tessera::select<Sample>>;
using ThroughSteps = recipe<policy<BackpropThroughSteps<FlowPolicy>>, actor<MatchFlow>, tessera::select<Sample>>;

template <class R>
params_of<R> of_steps(std::int64_t steps, integrator by = integrator::euler, double average = 0) {
  params_of<R> p;
  p.policy.net.hidden = {16}, p.policy.net.activation = activation::gelu;
  p.policy.steps = steps, p.policy.integrator = by, p.policy.average = average;
  return p;
}
constexpr auto none = [](const at::Tensor& x) { return x; };
}  // namespace

TEST_CASE("a flow's action is clipped at the end alone", "[policy]") {
  FlowParams h;
  h.steps = 2;
  // Up by 4 and down by 4: x is 2 on its way.
  const auto there_and_back = [](const at::Tensor& x, double t) { return at::full_like(x, t < 0.5 ? 4 : -4); };
  CHECK(close(FlowPolicy::generate(h, there_and_back, row({0.25}), none), row({0.25})));
  const auto up = [](const at::Tensor& x, double) { return at::full_like(x, 3); };
  CHECK(close(FlowPolicy::generate(h, up, row({-2.5, 0.25}), none), row({0.5, 1})));
  // dx/dt = 2 t in two steps: 0 + 1/2; by the midpoint rule 1.
  const auto in_time = [](const at::Tensor& x, double t) { return at::full_like(x, 2 * t); };
  CHECK(close(FlowPolicy::generate(h, in_time, row({-0.25}), none), row({0.25})));
  h.integrator = integrator::midpoint;
  CHECK(close(FlowPolicy::generate(h, in_time, row({-0.25}), none), row({0.75})));
}

TEST_CASE("the error of a velocity, computed by hand", "[policy][actor]") {
  FixedStep<DeterministicPolicy> step;
  step.dimensions = 2;
  step.noise = {matrix(2, 2, {-1, 0, 2, 1}), matrix(2, 1, {0.25, 0.5})};
  const auto a = matrix(2, 2, {1, 0.5, 0, -1});
  const auto f = [](const at::Tensor& x, const at::Tensor& t) {
    CHECK(close(x, matrix(2, 2, {-0.5, 0.125, 1, 0})));  // (1 - t) z + t a
    CHECK(close(t, matrix(2, 1, {0.25, 0.5})));
    return matrix(2, 2, {1, 0.5, -2, 0});
  };
  // Paths a - z = (2, .5) and (-2, -2): errors (1 + 0) / 2 and (0 + 4) / 2.
  CHECK(close(FlowPolicy::matching_error({}, f, a, step), row({0.5, 2})));
}

TEST_CASE("a flow's samples are its network's steps, one for each noise", "[policy]") {
  for (const auto by : {integrator::euler, integrator::midpoint}) {
    laws::workbench<Recipe> bench(of_steps<Recipe>(3, by));
    const auto b = laws::some_batch<Recipe>(1, 5);
    bench.with_step(b, [&](auto& s) {
      at::NoGradGuard guard;
      const auto pi = s.pi(now);
      const auto noise = at::randn({5, 2});
      const auto v = [&](const at::Tensor& x, double t) { return pi.velocity(x, at::full({5, 1}, t)); };
      auto x = noise;
      for (const double t : {0.0, 1 / 3.0, 2 / 3.0})
        x = x + (by == integrator::euler ? v(x, t) : v(x + v(x, t) / 6, t + 1 / 6.0)) / 3;
      CHECK(close(pi.sample(noise), x.clamp(-1, 1), 1e-5));
      // Of K for each state, the k-th is that of its noise.
      const auto many = at::randn({5, 4, 2});
      const auto actions = pi.sample(many);
      REQUIRE(actions.sizes() == at::IntArrayRef({5, 4, 2}));
      for (int k = 0; k < 4; ++k) CHECK(close(actions.select(1, k), pi.sample(many.select(1, k).contiguous()), 1e-5));
      CHECK_FALSE(close(pi.sample(), pi.sample()));
      const auto drawn = pi.samples(7);
      CHECK(drawn.sizes() == at::IntArrayRef({5, 7, 2}));
      CHECK_FALSE(close(drawn.select(1, 0), drawn.select(1, 1)));
      CHECK(close(s.pi(b.next_observations).sample(noise), s.pi(next).sample(noise)));
    });
  }
}

TEST_CASE("a gradient goes through a flow's steps where it is asked for, and nowhere else", "[policy]") {
  const auto b = laws::some_batch<Recipe>(1, 6);
  const auto noise = at::randn({6, 2}) * 0.3;
  laws::workbench<Recipe> closed(of_steps<Recipe>(4));
  closed.with_step(b, [&](auto& s) {
    CHECK_FALSE(s.pi(now).sample(noise).requires_grad());
    CHECK_FALSE(s.pi(now).samples(3).requires_grad());
    CHECK(s.pi(now).matching_error(b.actions).requires_grad());
  });
  laws::workbench<ThroughSteps> open(of_steps<ThroughSteps>(4));
  const auto sum = [&](auto& s) { return at::Tensor(s.pi(now).sample(noise).square().sum()); };
  const auto g = open.slope_of(b, sum).at("policy");
  const double norm = g.norm().item<double>();
  CHECK(norm > 0.01);
  const auto before = open.all();
  const auto along = [&](double by) {
    open.each_network([&](const std::string&, auto& net) { net.move(g * (by / norm)); });
    const double f = open.with_step(b, [&](auto& s) { return sum(s).template item<double>(); });
    open.give(before);
    return f;
  };
  CHECK((along(1e-2) - along(-1e-2)) / 2e-2 == Approx(norm).epsilon(0.01));
  open.with_step(b, [&](auto& s) { CHECK_FALSE(s.pi(next).sample(noise).requires_grad()); });
}

TEST_CASE("where parameters are averaged the average acts", "[policy]") {
  laws::workbench<Recipe> bench(of_steps<Recipe>(3, integrator::euler, 0.25));
  const auto b = laws::some_batch<Recipe>(1, 5);
  const auto noise = at::randn({5, 2});
  const auto acted = [&] { return bench.with_step(b, [&](auto& s) { return s.pi(now).sample(noise); }); };
  const auto first = acted();
  bench.with_step(b, [](auto& s) { s.run(stage::actor{}); });
  CHECK(close(acted(), first, 1e-12));
  bench.with_step(b, [](auto& s) { s.run(stage::targets{}); });
  CHECK_FALSE(close(acted(), first, 1e-6));
  const auto numbers = bench.all();
  CHECK_FALSE(at::equal(numbers.at("policy/target"), numbers.at("policy/parameters")));
}

TEST_CASE("a flow that is fitted to two points reproduces both, in proportion to the state's", "[policy][learning]") {
  // At s = -1 a quarter of the actions are -0.6 and the rest 0.6; at s = 1 half and half.
  auto p = of_steps<Recipe>(10);
  p.policy.net.hidden = {64, 64}, p.policy.adam.learning_rate = 3e-3;
  auto agent = laws::fresh<Recipe>(p, {1, 1});
  const std::int64_t rows = 256;
  const auto g = nn::generator(at::kCPU, 3, 0, 0);
  for (int k = 0; k < 1500; ++k) {
    const auto s = at::randint(2, {rows, 1}, g, at::kFloat) * 2 - 1;
    const auto share = 0.375 + 0.125 * s;
    const auto a = 0.6 - 1.2 * (at::rand({rows, 1}, g, at::kFloat) < share).to(at::kFloat);
    agent.update({s, a, at::zeros({rows}), s, at::ones({rows})});
  }
  const std::int64_t count = 4000;
  for (const double s : {-1.0, 1.0}) {
    const auto a = agent.act(at::full({count, 1}, s, at::kFloat), 5);
    const auto low = (a + 0.6).abs() < 0.15, high = (a - 0.6).abs() < 0.15;
    const double lows = low.to(at::kDouble).mean().item<double>(), highs = high.to(at::kDouble).mean().item<double>();
    INFO("at " << s << ": " << lows << " and " << highs);
    CHECK(lows + highs > 0.9);
    CHECK(std::abs(lows / (lows + highs) - (s < 0 ? 0.25 : 0.5)) < 0.08);
  }
}
