#pragma once
#include <string>

#include <tessera/concepts/generative.hpp>

#include "train/sound_updates.hpp"

/// What policies promise that make an action out of noise, seen from a step of a recipe; `set` sets hyper-parameters.
namespace laws {
/// Laws of `SamplingPolicy`, and of `LatentConditioned` and `ReparameterizedPolicy` where it is one: samples are
/// actions, K of them are independent, equal steps draw the same; equal noise gives equal actions, and standard normal
/// noise those of `sample`; a gradient is there where the type says so.
template <class R>
verdict generative_laws(const auto& set) {
  using P = typename R::template get<policy>;
  static_assert(SamplingPolicy<P> && !LogDensityPolicy<P>);
  auto p = small<R>();
  set(p);
  workbench<R> bench(p);
  bench.lift("policy", 0.5);  // so that some of its numbers are beyond the box
  const std::int64_t rows = 4000;
  auto b = some_batch<R>(3, rows);
  const auto d = b.actions.size(1);
  b.observations = b.observations.narrow(0, 0, 1).expand({rows, -1}).contiguous();  // one state
  verdict v;
  const auto inside = [](const at::Tensor& a) { return (a.abs() <= 1).all().template item<bool>(); };
  at::Tensor first;
  for (int twice = 0; twice < 2; ++twice)
    bench.with_step(b, [&](auto& s) {
      const auto pi = s.pi(now);
      const at::Tensor a = pi.sample();
      if (twice == 0) first = a.detach();
      else v.expect(at::equal(a, first), "equal steps draw equal actions");
      v.expect(a.sizes() == at::IntArrayRef({rows, d}), "a sample is an action of each state");
      v.expect(inside(a), "samples are actions");
      v.expect(a.requires_grad() == ReparameterizedPolicy<P>, "a sample has a gradient where the type says so");
      v.expect(!s.pi(next).sample().requires_grad(), "at the next state there is no gradient");
      const at::Tensor many = s.pi(next).samples(3);
      v.expect(many.sizes() == at::IntArrayRef({rows, 3, d}) && inside(many), "K samples are K actions of each state");
      v.expect(!at::equal(many.select(1, 0), many.select(1, 1)), "K samples are independent");
      if constexpr (LatentConditioned<P>) {
        at::NoGradGuard guard;
        const auto z = at::randn({rows, d}, nn::generator(at::kCPU, 5, 0, 0));
        const at::Tensor made = pi.sample(z);
        v.expect(at::equal(made, pi.sample(z.clone())), "equal noise gives equal actions");
        v.expect(!at::equal(made, pi.sample(-z)), "an action depends on its noise");
        v.expect(inside(made), "what noise becomes is an action");
        // Means of 4000 numbers of size one are off by less than .06.
        for (const auto& f : {+[](const at::Tensor& x) { return at::Tensor(x); },
                              +[](const at::Tensor& x) { return at::Tensor(x.square()); }}) {
          const double mean = f(made).mean().template item<double>(), wanted = f(first).mean().template item<double>();
          v.expect(std::abs(mean - wanted) < 0.06, "standard normal noise becomes samples",
                   std::to_string(mean) + " for " + std::to_string(wanted));
        }
      }
    });
  v += holds_no_state<R>(p);
  return v;
}
template <class R>
verdict generative_laws() {
  return generative_laws<R>(as_they_are);
}

/// Laws of `FlowsToAction` and `Denoises`: the error is one of each row, with gradient; trained on it, the policy has
/// the actions' mean and deviation, here of 0.2 + 0.3 u, u uniform over -1 .. 1.
template <class R>
verdict matching_laws(const auto& set) {
  using P = typename R::template get<policy>;
  static_assert(FlowsToAction<P> || Denoises<P>);
  auto p = small<R>();
  p.policy.adam.learning_rate = 0.01, p.policy.adam.cosine_steps = 600, p.policy.average = 0.02;
  set(p);
  auto agent = fresh<R>(p, {1, 1});
  const auto g = nn::generator(at::kCPU, 9, 0, 0);
  const std::int64_t rows = 256;
  for (int k = 0; k < 600; ++k) {
    const auto a = 0.2 + 0.3 * (2 * at::rand({rows, 1}, g, at::kFloat) - 1);
    const auto s = at::randn({rows, 1}, g, at::kFloat);
    agent.update({s, a, at::zeros({rows}), s, at::ones({rows})});
  }
  workbench<R> bench(p, {1, 1});
  bench.give(numbers_of(agent));
  verdict v;
  const std::int64_t count = 4000;
  const auto s = at::zeros({count, 1});
  bench.with_step({s, s, {}, s, {}}, [&](auto& step) {
    const at::Tensor e = step.pi(now).matching_error(step.action());
    v.expect(e.dim() == 1 && e.size(0) == count && e.requires_grad(), "the error is one of each row, with gradient");
    const at::Tensor a = step.pi(next).sample();
    const double mean = a.mean().template item<double>(), std = a.std().template item<double>();
    v.expect(std::abs(mean - 0.2) < 0.05, "fitted, its samples have the actions' mean", std::to_string(mean));
    v.expect(std::abs(std - 0.3 / std::sqrt(3.0)) < 0.05, "fitted, its samples have the actions' deviation",
             std::to_string(std));
  });
  return v;
}
template <class R>
verdict matching_laws() {
  return matching_laws<R>(as_they_are);
}
}  // namespace laws
