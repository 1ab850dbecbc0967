#pragma once
#include <tessera/concepts/actor.hpp>

#include "laws/probe.hpp"

/// What models of the behavior promise.  Each law is of a recipe, whose behavior is the model; `set` sets
/// hyper-parameters.
namespace laws {
/// Looks, from the actor, at what the model says of the batch, whose states are all one, and whose next states are all
/// another.
template <class M>
struct look_at_behavior {
  static inline bool differentiates = false;  ///< whether the law takes the density's gradient in the action
  static inline double low = -1, high = 1;    ///< of the action space, as the density has it
  static inline double margin = 0;            ///< of the density's integral
  static inline verdict v;

  template <class A>
  static void look(const auto&, auto& step) {
    const auto& h = params_in<behavior>(step);
    const auto rows = step.action().size(0), size = step.action_size();
    for (const auto where : {now, next}) {
      if constexpr (BehaviorDensity<M> && std::same_as<typename M::space, Continuous>) {
        const at::Tensor a =
            (low + (high - low) * (at::arange(rows) + 0.5) / double(rows)).unsqueeze(1).requires_grad_(differentiates);
        const at::Tensor log_b = M::log_prob(h, step, where, a),
                         b = log_b.detach().exp() * ((high - low) / double(rows));
        v.expect(log_b.dim() == 1 && log_b.size(0) == rows, "log_prob is (B)");
        const double mass = b.sum().template item<double>();
        v.expect(std::abs(mass - 1) < margin, "the density integrates to one", std::to_string(mass));
        if (differentiates) {
          log_b.sum().backward();
          v.expect(a.grad().defined() && a.grad().abs().max().template item<double>() > 0,
                   "the density's gradient reaches the action");
        }
        if constexpr (BehaviorSampler<M>) {
          const at::Tensor drawn = M::samples(h, step, where, 20), used = a.detach().clamp(-1, 1).squeeze(1);
          for (int power = 1; power <= 2; ++power) {
            const double of_samples = drawn.pow(power).mean().template item<double>(),
                         of_density = (b * used.pow(power)).sum().template item<double>();
            v.expect(std::abs(of_samples - of_density) < 0.02, "samples follow the density",
                     std::to_string(of_samples) + " for " + std::to_string(of_density));
          }
        }
      }
      if constexpr (EnumerableBehavior<M>) {
        const at::Tensor log_b = M::log_probs(h, step, where).detach();
        v.expect(log_b.size(0) == rows && log_b.size(1) == size, "log_probs are (B, A)");
        v.expect(at::allclose(log_b.exp().sum(1), at::ones({rows})), "the density integrates to one");
        v.expect(at::allclose(M::log_prob(h, step, where, step.action()).detach(),
                              log_b.gather(1, step.action().unsqueeze(1)).squeeze(1)),
                 "log_prob is that of log_probs");
      }
      if constexpr (BehaviorSupport<M>) {
        const at::Tensor s = M::support(h, step, where);
        v.expect(s.size(0) == rows && s.size(1) == size && !s.requires_grad(),
                 "the support is (B, A), without gradient");
        v.expect(at::logical_or(s == 0, s == 1).all().template item<bool>(), "the support is of 0 and 1");
        v.expect((s.sum(1) >= 1).all().template item<bool>(), "every state supports an action");
      }
      if constexpr (BehaviorSampler<M>) {
        const at::Tensor a = M::samples(h, step, where, 7);
        v.expect(a.sizes() == at::IntArrayRef({rows, 7, size}), "samples are (B, K, d)");
        v.expect(!a.requires_grad(), "samples have no gradient");
        v.expect((a.abs() <= 1).all().template item<bool>(), "samples are actions");
        v.expect(!at::equal(a.select(1, 0), a.select(1, 1)), "samples differ");
      }
      if constexpr (ReversibleBehavior<M>) {
        const auto some = std::min<std::int64_t>(40, step.state(where).size(0));
        const at::Tensor s = step.state(where).narrow(0, 0, some), a = M::samples(h, step, where, 3).narrow(0, 0, some),
                         w = M::noise_of(h, step, s, a), again = M::generate(h, step, s, w), inside = a.abs() < 1;
        v.expect(w.sizes() == a.sizes() && !w.requires_grad(), "the noise of actions has their shape, and no gradient");
        const double off = (again - a).abs().masked_select(inside).max().template item<double>();
        v.expect(off < 0.01, "an action is generated of its noise", std::to_string(off));
      }
    }
  }
};

/// Laws of `BehaviorModel` and of what it can do.  `low` and `high` bound the actions that have a density, whose
/// integral is one to `margin`.
template <class Recipe, class Set = decltype(as_they_are)>
verdict behavior_laws(double low = -1, double high = 1, const Set& set = as_they_are, double margin = 0.005) {
  using M = typename Recipe::template get<behavior>;
  using Look = look_at_behavior<M>;
  using R = probed<Recipe, actor, Look>;
  static_assert(BehaviorModel<M>);
  constexpr sizes of{2, discrete<R> ? 4 : 1};
  Look::v = {}, Look::low = low, Look::high = high, Look::margin = margin;
  // One state, and one next state; so often that a density can be integrated, where there is one.
  const std::int64_t rows = BehaviorDensity<M> || EnumerableBehavior<M> ? 4000 : 400;
  auto b = some_batch<R>(3, rows, of);
  b.observations = torch::tensor({0.5f, -1.0f}).expand({rows, 2}).contiguous(), b.next_observations = -b.observations;
  if constexpr (discrete<R>) b.actions = b.actions.minimum(b.actions.flip({0}));  // not all as frequent
  else b.actions = b.actions * 0.4 + 0.3;

  auto p = small<R>();
  set(p);
  const auto of_parts = [](const auto& agent) {
    double sum = 0;
    for (const auto& m : agent.metrics())
      if (std::string(m.name).starts_with("behavior/")) sum += m.value.template item<double>();
    return sum;
  };
  // As it is made, and as it has learned.
  const auto train = [&](int updates) {
    auto agent = fresh<R>(p, of);
    agent.update(b);
    const double first = of_parts(agent);
    for (int k = 1; k < updates; ++k) agent.update(b);
    return std::tuple(first, of_parts(agent), numbers_of(agent));
  };
  const auto [first, last, without] = train(60);
  verdict v;
  v.expect(last < first, "it is fitted to the log", std::to_string(last) + " after " + std::to_string(first));
  {
    const switched on(Look::differentiates);
    const auto apart = different(without, std::get<2>(train(60)));
    v.expect(apart.empty(), "the density's gradient reaches the action alone", listed(apart));
  }
  v += Look::v;
  v += holds_no_state<R>(p, of);

  // In its head start it is alone, and then no longer.
  p.behavior.pretrain_updates = 3;
  auto agent = fresh<R>(p, of);
  const auto before = numbers_of(agent);
  for (int k = 0; k < 3; ++k) agent.update(b);
  const auto moved = different(before, numbers_of(agent));
  const auto is_others = [](const std::string& name) {
    return name.starts_with("policy/") || name.starts_with("critic/") || name.starts_with("value/") ||
           name.starts_with("actor/");
  };
  v.expect(moved.size() > 1 && std::none_of(moved.begin(), moved.end(), is_others),
           "in its head start it alone is trained", listed(moved));
  agent.update(b);
  const auto then = different(before, numbers_of(agent));
  v.expect(std::any_of(then.begin(), then.end(), is_others), "after it the rest is trained too", listed(then));
  return v;
}
}  // namespace laws
