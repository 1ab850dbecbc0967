#pragma once
#include <tessera/concepts/actor.hpp>

#include "laws/probe.hpp"

/// What keeps the policy near the data, and multipliers.  Each law is of a recipe; `set` sets hyper-parameters.
namespace laws {
/// Tells a divergence's loss in its own words; looks at the policy's actions.
struct look_at_constraint {
  static inline at::Tensor actions, next;  ///< samples (B, K, d), and modes where the policy has no noise; D(s')

  template <class C>
  static void look(const auto& h, auto& step) {
    using P = typename std::decay_t<decltype(step)>::policy_type;
    {
      at::NoGradGuard guard;
      if constexpr (std::same_as<typename P::space, Continuous>) actions = step.pi(now).samples(50);
      else actions = step.pi(now).log_probs().exp();
    }
    if constexpr (StateDivergence<C>) next = C::at(h, step, tessera::next);
  }
  template <class C, class Step>
    requires StateDivergence<C>
  static terms<at::Tensor> retell(const auto& h, Step& step) {
    return {"constraint/retold", C::coefficient(h, step) * C::at(h, step, now).sum() / double(step.action().size(0))};
  }
};

/// Law of `StateDivergence`: the loss is the coefficient times the mean of D(s), of which D(s') is (B).
template <class R>
verdict divergence_laws(const params_of<R>& p, sizes of) {
  using C = typename R::template get<constraint>;
  verdict v;
  const auto once = [&] {
    auto agent = fresh<R>(p, of);
    agent.update(some_batch<R>(3, 32, of));
    return std::pair(C::said, numbers_of(agent).at("policy/first_moment"));
  };
  const auto own = once();
  const switched on(C::retold);
  const auto told = once();
  v.expect(std::abs(own.first - told.first) <= 1e-5 * std::abs(own.first) + 1e-6 &&
               at::allclose(own.second, told.second, 1e-4, 1e-6),
           "the loss is the coefficient times the mean divergence",
           std::to_string(own.first) + " for " + std::to_string(told.first));
  v.expect(look_at_constraint::next.dim() == 1 && look_at_constraint::next.size(0) == 32,
           "the divergence at the next state is (B)");
  return v;
}

/// A log of three states, in each of which the behavior is tanh N(m, .3^2), or takes discrete actions by given
/// frequencies.
struct little_log {
  batch<at::Tensor> rows;
  at::Tensor mean, std;  ///< of the logged actions, in each state; frequencies of discrete ones, (3, 2)
  static constexpr std::int64_t copies = 40;

  template <class R>
  static little_log of() {
    torch::manual_seed(5);
    const auto s = at::eye(3).repeat_interleave(copies, 0), known = at::ones({3 * copies});
    little_log log;
    at::Tensor a;
    if constexpr (discrete<R>) {
      const auto first = torch::tensor({32, 12, 24}).unsqueeze(1);  // of 40
      a = (at::arange(copies).unsqueeze(0) >= first).to(at::kLong).view({-1});
      log.mean = at::cat({first, copies - first}, 1).to(at::kFloat) / double(copies);
    } else {
      const auto each = (torch::tensor({-0.6f, 0.1f, 0.5f}).unsqueeze(1) + 0.3 * at::randn({3, copies})).tanh();
      a = each.view({-1, 1}), log.mean = each.mean(1), log.std = each.std(1);
    }
    log.rows = {s, a, at::zeros({3 * copies}), s, known};
    log.rows.template set<column::next_action>(a), log.rows.template set<column::next_action_known>(known),
        log.rows.template set<column::returns>(known);
    return log;
  }
};
/// Law of `BehaviorConstraint`: least where the policy reproduces the logged actions.  A policy that is trained on
/// nothing else ends there: its actions have the log's means, to `margin`, and, where the constraint is of
/// distributions, deviations.
template <class R>
verdict reproduces(params_of<R> p, double margin, bool distributions, std::int64_t updates) {
  const auto log = little_log::of<R>();
  p.policy.net.hidden = {}, p.policy.adam = {.learning_rate = 0.02, .cosine_steps = updates};
  if constexpr (requires { p.behavior.model; })
    p.behavior.model.net.hidden = {}, p.behavior.model.adam.learning_rate = 0.02, p.behavior.pretrain_updates = 300;
  if constexpr (requires { p.behavior.encoder; })
    p.behavior.adam.learning_rate = 3e-3, p.behavior.pretrain_updates = 500;
  if constexpr (requires { p.constraint.steps; }) p.constraint.adam.learning_rate = 3e-3;
  auto agent = fresh<R>(p, {3, discrete<R> ? 2 : 1}, 3);
  for (std::int64_t k = 0; k < updates; ++k) agent.update(log.rows);
  const auto a = look_at_constraint::actions.reshape({3, -1, discrete<R> ? 2 : 1});
  const auto mean = a.mean(1).view_as(log.mean);
  verdict v;
  const auto text = [](const at::Tensor& x, const at::Tensor& y) {
    std::string all;
    for (std::int64_t i = 0; i < x.numel(); ++i)
      all += std::to_string(x.reshape({-1})[i].item<double>()) + " for " +
             std::to_string(y.reshape({-1})[i].item<double>()) + "  ";
    return all;
  };
  v.expect((mean - log.mean).abs().max().template item<double>() < margin, "the policy reproduces the logged actions",
           text(mean, log.mean));
  if (distributions && !discrete<R>) {
    const auto std = a.std(1).view({3});
    v.expect((std - log.std).abs().max().template item<double>() < margin, "the policy reproduces their deviation",
             text(std, log.std));
  }
  return v;
}

struct reproduction {
  double margin = 0.05;
  bool distributions = true;
  std::int64_t updates = 1500;
};
/// Laws of `BehaviorConstraint` and `StateDivergence`.
template <class Recipe>
verdict constraint_laws(const auto& set, reproduction how = {}) {
  using R = probed<Recipe, constraint, look_at_constraint>;
  using C = typename R::template get<constraint>;
  static_assert(BehaviorConstraint<C>);
  auto p = small<R>();
  set(p);
  verdict v;
  if constexpr (StateDivergence<C>) v += divergence_laws<R>(p, {});
  v += holds_no_state<R>(p);
  auto q = p;
  q.policy.adam.learning_rate = 0;
  v += reaches_alone<R, constraint>(q, "policy/");
  if (how.updates > 0) v += reproduces<R>(p, how.margin, how.distributions, how.updates);
  return v;
}

/// Looks at a multiplier.
struct look_at_multiplier {
  static inline std::vector<double> seen;
  template <class Part>
  static void look(const auto& h, auto& step) {
    seen.push_back(at::Tensor(Part::coefficient(h, step)).template item<double>());
  }
};
/// Laws of a multiplier, of the part in `Slot`: it moves against the excess of its penalty over the target, and stays
/// between its bounds.
template <class Recipe, template <class> class Slot>
verdict multiplier_laws(const auto& set) {
  using R = probed<Recipe, Slot, look_at_multiplier>;
  constexpr auto member = Slot<typename R::template get<Slot>>::member;
  const auto run = [&](double target) {
    auto p = small<R>();
    set(p);
    auto& h = p.*member;
    h.weight = 1, h.target = target, h.min_multiplier = 0.5, h.max_multiplier = 2,
    h.multiplier_adam.learning_rate = 0.03;
    look_at_multiplier::seen.clear();
    auto agent = fresh<R>(p);
    for (std::uint64_t k = 1; k <= 60; ++k) agent.update(some_batch<R>(k));
    return look_at_multiplier::seen;
  };
  const auto rises = run(-1e4), falls = run(1e4);
  verdict v;
  const auto near = [](double x, double y) { return std::abs(x - y) < 1e-4; };
  v.expect(near(rises.front(), 1) && near(falls.front(), 1), "its first value is the weight");
  v.expect(std::is_sorted(rises.begin(), rises.end()) && rises[1] > rises[0],
           "the multiplier rises where there is more than the target", std::to_string(rises[1]));
  v.expect(std::is_sorted(falls.rbegin(), falls.rend()) && falls[1] < falls[0],
           "the multiplier falls where there is less", std::to_string(falls[1]));
  v.expect(near(rises.back(), 2) && near(falls.back(), 0.5), "the multiplier stays between its bounds",
           std::to_string(rises.back()) + ", " + std::to_string(falls.back()));
  return v;
}
}  // namespace laws
