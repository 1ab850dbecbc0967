#pragma once
#include <tessera/concepts/critic.hpp>

#include "laws/finite_problem.hpp"

/// What critic updates promise.  Each law is of a recipe, whose critic is the model; `set` sets hyper-parameters.
namespace laws {
/// Looks at a backup's target, and at what a fixed point is computed from; tells a one-step backup's loss in its own
/// words.
struct look_at_critic {
  static inline bool target_is_constant = true, target_is_a_column = true, by_action = false;
  static inline at::Tensor q, pi, mode, mean_action, mean_log_pi;

  template <class C>
  static void look(const auto& h, auto& step) {
    using P = typename std::decay_t<decltype(step)>::policy_type;
    if constexpr (OneStepBackup<C>) {
      for (const at::Tensor& x : {at::Tensor(C::reward(h, step)), at::Tensor(C::next_value(h, step))}) {
        target_is_constant = target_is_constant && !x.requires_grad();
        target_is_a_column = target_is_a_column && x.dim() == 1 && x.size(0) == step.reward().size(0);
      }
    }
    q = step.q(now, logged_action).detach().to(at::kDouble);
    at::NoGradGuard guard;
    if constexpr (EnumerablePolicy<P>) pi = step.pi(now).log_probs().exp().to(at::kDouble);
    else if constexpr (TrainedPolicy<P>) mode = step.pi(now).mode().detach().to(at::kDouble);
    if constexpr (SoftPolicy<P>) {
      const auto [a, log_pi] = step.pi(now).samples_with_log_prob(1000);
      mean_action = a.mean(1).to(at::kDouble), mean_log_pi = log_pi.mean(1).to(at::kDouble);
    }
  }
  template <class C, class Step>
    requires OneStepBackup<C>
  static terms<at::Tensor> retell(const auto& h, Step& step) {
    at::Tensor v;
    if constexpr (ActionBackup<C>)
      v = by_action ? C::next_value(h, step, C::next_action(h, step)) : C::next_value(h, step);
    else v = C::next_value(h, step);
    const at::Tensor y = C::reward(h, step) + h.discount * step.not_done() * v;
    at::Tensor e = step.q(now, logged_action) - y;
    if constexpr (Reads<C, column::chunk_valid>)  // chunks that go across an end do not count
      e = e * step.template column<column::chunk_valid>().amin(1);
    const at::Tensor size = e.abs();
    const at::Tensor cost =
        h.huber > 0 ? at::where(size <= h.huber, 0.5 * e.square(), h.huber * (size - h.huber / 2)) : e.square();
    return {"critic/td", cost.sum() / double(y.size(0))};
  }
};
template <class Recipe>
using with_probed_critic = probed<Recipe, critic, look_at_critic>;

/// Law of `OneStepBackup`: the loss is that of reward + gamma m next_value; of `ActionBackup`: its next_value is that
/// of its next_action.  A penalty on Q is not part of it.
template <class R>
verdict one_step_laws(params_of<R> p) {
  using C = typename R::template get<critic>;
  verdict v;
  for (const double huber : {0.0, 0.5}) {
    p.critic.huber = huber;
    struct seen {
      double loss;
      at::Tensor slope;
    };
    const auto once = [&] {
      auto agent = fresh<R>(p);
      agent.update(some_batch<R>(3));
      return seen{metric(agent, "critic/td"), numbers_of(agent).at("critic/first_moment")};
    };
    const auto own = once();
    const switched on(C::retold);
    const auto same = [&](const seen& x) {
      return std::abs(x.loss - own.loss) <= 1e-5 * std::abs(own.loss) &&
             (AddsPenalty<C> || at::allclose(x.slope, own.slope, 1e-4, 1e-6));
    };
    const auto told = once();
    v.expect(same(told), "the loss is that of its reward and next value",
             std::to_string(own.loss) + " for " + std::to_string(told.loss));
    // Over finitely many actions the expectation over them may be a sum.
    if constexpr (ActionBackup<C> && !EnumerablePolicy<typename R::template get<policy>>) {
      const switched by(look_at_critic::by_action);
      v.expect(same(once()), "the next value is that of the next action");
    }
  }
  return v;
}

/// Laws of `CriticUpdate` and `OneStepBackup` but for the fixed point.
template <class Recipe>
verdict critic_laws(const auto& set) {
  using R = with_probed_critic<Recipe>;
  static_assert(CriticUpdate<typename R::template get<critic>>);
  auto p = small<R>();
  set(p);
  look_at_critic::target_is_constant = look_at_critic::target_is_a_column = true;
  verdict v = one_step_laws<R>(p);
  v.expect(look_at_critic::target_is_constant, "the target has no gradient");
  v.expect(look_at_critic::target_is_a_column, "reward and next value are (B)");
  v += holds_no_state<R>(p);
  p.critic.adam.learning_rate = 0;
  v += reaches_alone<R, critic>(p, "critic/");
  return v;
}
template <class Recipe>
verdict critic_laws() {
  return critic_laws<Recipe>([](auto&) {});
}

/// What a policy does in each state of the problem, as the law has seen it.
struct seen_policy {
  at::Tensor pi;                       ///< (states, actions), of discrete actions
  at::Tensor mode, mean, mean_log_pi;  ///< (states), of continuous ones
  /// Continuous actions: Q at an action of each state, from the pairs' values: the line through a = -.8 and .8.
  static at::Tensor at_action(const at::Tensor& q, const at::Tensor& a) {
    return q.select(1, 1) + (q.select(1, 2) - q.select(1, 0)) / 1.6 * a;
  }
};

/// Law of `CriticUpdate`: on a finite problem with the exact representation its fixed point is the value it names, that
/// is the solution of Q = r + gamma m v(Q)(s').  `value(problem, policy)` gives v, and `extra`, if there is any, what
/// is added to rewards, (states, actions).
template <class Recipe>
verdict fixed_point(const auto& set, const auto& value, const at::Tensor& extra = {}) {
  using R = with_probed_critic<Recipe>;
  const auto problem = finite_problem::of<R>();
  constexpr std::int64_t updates = 2500;
  auto p = small<R>();
  const auto exact = [&](auto& part) {
    part.net.hidden = {}, part.adam = {.learning_rate = 0.1, .cosine_steps = updates};
  };
  exact(p.critic);
  if constexpr (requires { p.value.net; }) exact(p.value);
  if constexpr (requires { p.behavior.model; }) exact(p.behavior.model);
  if constexpr (requires { p.policy.net; }) p.policy.adam.learning_rate = 0;
  p.critic.discount = finite_problem::discount, p.critic.polyak = 1;
  set(p);
  using look = look_at_critic;
  look::pi = look::mode = look::mean_action = at::Tensor();
  auto agent = fresh<R>(p, {finite_problem::states, discrete<R> ? 2 : 1}, 3);
  for (std::int64_t k = 0; k < updates; ++k) agent.update(problem.rows);
  seen_policy of;
  if (discrete<R> && look::pi.defined())
    of.pi = at::zeros({finite_problem::states, problem.actions}, at::kDouble).index_put_({problem.state}, look::pi);
  if (!discrete<R> && look::mode.defined()) of.mode = problem.by_state(look::mode.squeeze(1));
  if (!discrete<R> && look::mean_action.defined())
    of.mean = problem.by_state(look::mean_action.squeeze(1)), of.mean_log_pi = problem.by_state(look::mean_log_pi);
  const auto expected = problem.solve([&](const at::Tensor& q) { return value(problem, of, q); }, extra);
  const double off = (look::q - expected.unsqueeze(0)).abs().max().template item<double>();
  return verdict().expect(off < 0.03 * (1 + expected.abs().max().template item<double>()),
                          "the fixed point is the value it names", "off by " + std::to_string(off));
}
}  // namespace laws
