#include <tessera/policy/diffusion.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <tessera/actor/match_noise.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/select/sample.hpp>

#include "helpers/fixed_step.hpp"
#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
template <class P>
using Recipe = recipe<policy<P>, actor<MatchNoise>, tessera::select<Sample>>;
template <class P>
params_of<Recipe<P>> small(std::int64_t steps, std::int64_t width = 8) {
  params_of<Recipe<P>> p;
  p.policy.net.width = width, p.policy.net.blocks = 1, p.policy.net.frequencies = 8,
  p.policy.net.time_hidden = {16, 16};
  p.policy.steps = steps;
  return p;
}
/// The noise in x_t, if the action is a.
auto noise_around(const at::Tensor& a, const math::NoiseSchedule& s) {
  return [a, s](const at::Tensor& x, double t) {
    const double kept = s.kept[std::size_t(t)];
    return at::Tensor((x - std::sqrt(kept) * a) / std::sqrt(1 - kept));
  };
}
constexpr auto no_noise = [](const at::Tensor& x) { return at::zeros_like(x); };
}  // namespace

TEST_CASE("a diffusion's samplers find the one action that the noise is around", "[policy]") {
  const auto a = row({0.3, -0.8});
  for (const auto schedule : {noise_schedule::variance_preserving, noise_schedule::cosine}) {
    DiffusionPolicy::params h;
    DdimPolicy::params deterministic;
    h.schedule = deterministic.schedule = schedule;
    for (const std::int64_t steps : {1, 5, 40}) {
      h.steps = deterministic.steps = steps;
      const auto f = noise_around(a, DiffusionPolicy::schedule(h));
      CHECK(close(DiffusionPolicy::generate(h, f, row({2, -1}), [](auto& x) { return at::randn_like(x); }), a, 1e-8));
      for (const std::int64_t visits : {0, 1, 3}) {
        deterministic.visits = visits;
        CHECK(close(DdimPolicy::generate(deterministic, f, row({2, -1}), no_noise), a, 1e-8));
      }
    }
  }
}

TEST_CASE("the sampler that draws, computed by hand", "[policy]") {
  // Two steps, kept e^-1.3375 after the first, eps(x, t) = x / 2 + t / 10; the noise of a step is 3.
  DiffusionPolicy::params h;
  h.steps = 2, h.temperature = 0.5, h.clip = false;
  const double alpha0 = std::exp(-0.05 - 9.9 / 8), alpha1 = std::exp(-0.05 - 3 * 9.9 / 8), kept = alpha0 * alpha1;
  const auto f = [](const at::Tensor& x, double t) { return at::Tensor(0.5 * x + 0.1 * t); };
  int draws = 0;
  const auto redraw = [&](const at::Tensor& x) { return ++draws, at::full_like(x, 3); };
  double x = 0.2;
  x = (x - (1 - alpha1) / std::sqrt(1 - kept) * (0.5 * x + 0.1)) / std::sqrt(alpha1) + 0.5 * std::sqrt(1 - alpha1) * 3;
  const double between = x;
  CHECK(between > 1);
  x = (x - std::sqrt(1 - alpha0) * 0.5 * x) / std::sqrt(alpha0);
  CHECK(close(DiffusionPolicy::generate(h, f, row({0.2}), redraw), row({std::min(x, 1.0)})));
  CHECK(draws == 1);
  // Clipped in each step; and the last step once more.
  h.clip = true;
  const double last = std::min((1 - std::sqrt(1 - alpha0) * 0.5) / std::sqrt(alpha0), 1.0);
  CHECK(close(DiffusionPolicy::generate(h, f, row({0.2}), redraw), row({last})));
  h.last_repeats = 1;
  CHECK(close(DiffusionPolicy::generate(h, f, row({0.2}), redraw),
              row({std::min((last - std::sqrt(1 - alpha0) * 0.5 * last) / std::sqrt(alpha0), 1.0)})));
}

TEST_CASE("the sampler that draws, by the cosine schedule, computed by hand", "[policy]") {
  // Two steps: kept_t = cos^2(pi/2 (t + 1) / 2) but for the offset of .008, and the last beta at most .999.
  DiffusionPolicy::params h;
  h.steps = 2, h.schedule = noise_schedule::cosine, h.clip = false;
  const auto f_of = [](double u) { return std::pow(std::cos(std::acos(-1.0) / 2 * (u / 2 + 0.008) / 1.008), 2); };
  const double alpha0 = f_of(1) / f_of(0), alpha1 = 0.001, kept = alpha0 * alpha1;
  const auto f = [](const at::Tensor& x, double t) { return at::Tensor(x + 0.25 * t); };
  const auto redraw = [](const at::Tensor& x) { return at::full_like(x, -2); };
  const auto end_of = [&](double x) {
    x = (x - 0.999 / std::sqrt(1 - kept) * (x + 0.25)) / std::sqrt(alpha1) - 2 * std::sqrt(0.999);
    return (x - std::sqrt(1 - alpha0) * x) / std::sqrt(alpha0);
  };
  // Its end is a line in where it begins.
  const double middle = (0.4 - end_of(0)) / (end_of(1) - end_of(0)), below = middle - 300;
  REQUIRE(end_of(below) < -1);
  CHECK(close(DiffusionPolicy::generate(h, f, row({middle, below}), redraw), row({0.4, -1}), 1e-6));
}

TEST_CASE("the sampler that draws nothing, computed by hand", "[policy]") {
  // Three steps of the cosine schedule; eps(x, t) = x / 2 + t / 10.
  DdimPolicy::params h;
  h.steps = 3, h.schedule = noise_schedule::cosine, h.clip = false;
  const auto kept = DdimPolicy::schedule(h).kept;
  const auto f = [](const at::Tensor& x, double t) { return at::Tensor(0.5 * x + 0.1 * t); };
  const auto clean = [&](double x, std::size_t t) {
    return (x - std::sqrt(1 - kept[t]) * (0.5 * x + 0.1 * double(t))) / std::sqrt(kept[t]);
  };
  const auto step = [&](double x, std::size_t t, std::size_t to, double most) {
    const double a = std::clamp(clean(x, t), -most, most);
    return std::sqrt(kept[to]) * a + std::sqrt(1 - kept[to]) * (0.5 * x + 0.1 * double(t));
  };
  const double x = 0.4, free = 1e9;
  const double all = clean(step(step(x, 2, 1, free), 1, 0, free), 0);
  CHECK(close(DdimPolicy::generate(h, f, row({x}), no_noise), row({std::clamp(all, -1.0, 1.0)})));
  // Two of the three: the last, and the first that 3/2 rounds down to, t = 0.
  h.visits = 2;
  CHECK(close(DdimPolicy::generate(h, f, row({x}), no_noise),
              row({std::clamp(clean(step(x, 2, 0, free), 0), -1.0, 1.0)})));
  // One: what is left once the noise is taken out.
  h.visits = 1;
  CHECK(close(DdimPolicy::generate(h, f, row({x}), no_noise), row({std::clamp(clean(x, 2), -1.0, 1.0)})));
  // Clipped in each step, where the noise stays as it was.
  h.visits = 0, h.clip = true;
  REQUIRE(clean(0.1, 2) < -1);
  const double clipped = clean(step(step(0.1, 2, 1, 1), 1, 0, 1), 0);
  REQUIRE(std::abs(clipped) < 1);
  CHECK(close(DdimPolicy::generate(h, f, row({0.1}), no_noise), row({clipped})));
}

TEST_CASE("the error of a diffusion, computed by hand", "[policy][actor]") {
  FixedStep<DeterministicPolicy> step;
  step.dimensions = 2;
  DiffusionPolicy::params h;
  h.steps = 3, h.schedule = noise_schedule::cosine;
  step.noise = {matrix(3, 1, {0.1, 0.5, 0.9999}), matrix(3, 2, {1, 0, 0, 2, -1, 1})};
  const auto kept = DiffusionPolicy::schedule(h).kept;
  const auto a = matrix(3, 2, {0.5, 0.5, -1, 0, 0.2, 0.4});
  const auto f = [&](const at::Tensor& x, const at::Tensor& t) {
    CHECK(close(t, matrix(3, 1, {0, 1, 2})));
    for (int i = 0; i < 3; ++i) {
      const double k = kept[std::size_t(i)];
      CHECK(close(x[i], std::sqrt(k) * a[i] + std::sqrt(1 - k) * step.noise[1][i]));
    }
    return matrix(3, 2, {0, 0, 0, 0, 1, 2});
  };
  CHECK(close(DiffusionPolicy::matching_error(h, f, a, step), row({1, 4, 5})));  // the sum over dimensions
}

TEST_CASE("a diffusion's samples are actions, and of noise alone where its sampler is", "[policy]") {
  const auto b = laws::some_batch<Recipe<DiffusionPolicy>>(1, 6);
  const auto noise = at::randn({6, 2});
  laws::workbench<Recipe<DdimPolicy>> still(small<DdimPolicy>(5));
  still.with_step(b, [&](auto& s) {
    const auto a = s.pi(now).sample(noise);
    CHECK(at::equal(a, s.pi(now).sample(noise)));
    CHECK(a.abs().max().template item<float>() <= 1);
    const auto many = at::stack({noise, -noise, noise}, 1);
    const auto each = s.pi(now).sample(many);
    CHECK((close(each.select(1, 0), a, 1e-5) && close(each.select(1, 2), a, 1e-5)));
    CHECK(close(each.select(1, 1), s.pi(now).sample(-noise), 1e-5));
  });
  laws::workbench<Recipe<DiffusionPolicy>> drawing(small<DiffusionPolicy>(5));
  drawing.with_step(b, [&](auto& s) {
    const auto a = s.pi(now).samples(3);
    CHECK(a.sizes() == at::IntArrayRef({6, 3, 2}));
    CHECK_FALSE(a.requires_grad());
    CHECK(a.abs().max().template item<float>() <= 1);
    CHECK_FALSE(close(a.select(1, 0), a.select(1, 1)));
  });
  // The noise of an update is its own: equal steps draw the same.
  const auto drawn = [&] { return drawing.with_step(b, [&](auto& s) { return s.pi(now).sample(); }); };
  CHECK(at::equal(drawn(), drawn()));
}

TEST_CASE("a gradient goes through a diffusion's steps where it is asked for", "[policy]") {
  using R = recipe<policy<BackpropThroughSteps<DdimPolicy>>, actor<MatchNoise>, tessera::select<Sample>>;
  params_of<R> p;
  static_cast<DdimPolicy::params&>(p.policy) = small<DdimPolicy>(3).policy;
  p.policy.clip = false;
  laws::workbench<R> bench(p);
  const auto b = laws::some_batch<R>(1, 6);
  const auto noise = at::randn({6, 2}) * 0.01;
  const auto sum = [&](auto& s) { return at::Tensor(s.pi(now).sample(noise).sum()); };
  const auto g = bench.slope_of(b, sum).at("policy");
  const double norm = g.norm().item<double>();
  REQUIRE(norm > 0.01);
  const auto before = bench.all();
  const auto along = [&](double by) {
    bench.each_network([&](const std::string&, auto& net) { net.move(g * (by / norm)); });
    const double f = bench.with_step(b, [&](auto& s) { return sum(s).template item<double>(); });
    bench.give(before);
    return f;
  };
  CHECK((along(2e-4) - along(-2e-4)) / 4e-4 == Approx(norm).epsilon(0.03));
}

TEST_CASE("a diffusion that is fitted to two points reproduces both, in proportion", "[policy][learning]") {
  auto p = small<DiffusionPolicy>(20, 64);
  p.policy.schedule = noise_schedule::cosine, p.policy.adam.learning_rate = 1e-3, p.policy.average = 0.005;
  using R = Recipe<DiffusionPolicy>;
  auto agent = laws::fresh<R>(p, {1, 1});
  const std::int64_t rows = 256;
  const auto g = nn::generator(at::kCPU, 3, 0, 0);
  for (int k = 0; k < 2500; ++k) {
    const auto s = at::randn({rows, 1}, g, at::kFloat);
    const auto a = 0.6 - 1.2 * (at::rand({rows, 1}, g, at::kFloat) < 0.25).to(at::kFloat);
    agent.update({s, a, at::zeros({rows}), s, at::ones({rows})});
  }
  const auto a = agent.act(at::full({4000, 1}, 0.5, at::kFloat), 5);
  const double lows = ((a + 0.6).abs() < 0.15).to(at::kDouble).mean().item<double>(),
               highs = ((a - 0.6).abs() < 0.15).to(at::kDouble).mean().item<double>();
  INFO(lows << " and " << highs);
  CHECK(lows + highs > 0.9);
  CHECK(std::abs(lows / (lows + highs) - 0.25) < 0.08);
}
