#pragma once
#include <tessera/concepts/critic.hpp>

#include "laws/probe.hpp"

/// What critic updates promise.  Each law is of a recipe, whose critic is the model; `set` sets hyper-parameters.
namespace laws {
/// Looks at a backup's target, and at what a fixed point is computed from; tells a one-step backup's loss in its own words.
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
    q = step.q_data().detach().to(at::kDouble);
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
    if constexpr (ActionBackup<C>) v = by_action ? C::next_value(h, step, C::next_action(h, step)) : C::next_value(h, step);
    else v = C::next_value(h, step);
    const at::Tensor y = C::reward(h, step) + h.discount * step.not_done() * v, e = step.q_data() - y, size = e.abs();
    const at::Tensor cost = h.huber > 0 ? at::where(size <= h.huber, 0.5 * e.square(), h.huber * (size - h.huber / 2)) : e.square();
    return {"critic/td", cost.sum() / double(y.size(0))};
  }
};
template <class Recipe>
using with_probed_critic = probed<Recipe, critic, look_at_critic>;

/// Law of `OneStepBackup`: the loss is that of reward + gamma m next_value; of `ActionBackup`: its next_value is that of its next_action.  A
/// further term that presses on Q is no part of it.
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
      return std::abs(x.loss - own.loss) <= 1e-5 * std::abs(own.loss) && (Presses<C> || at::allclose(x.slope, own.slope, 1e-4, 1e-6));
    };
    const auto told = once();
    v.expect(same(told), "the loss is that of its reward and next value", std::to_string(own.loss) + " for " + std::to_string(told.loss));
    if constexpr (ActionBackup<C>) {
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

/// A problem of three states, in which every pair was logged.  Where actions are continuous, there are three of them, rewards are linear in the
/// action, by one slope for all states, and where it leads does not depend on it: a network without hidden layers represents Q exactly.
struct finite {
  static constexpr std::int64_t states = 3;
  static constexpr double discount = 0.8, slope = 0.7, next_logged = 0.3;
  batch<at::Tensor> rows;
  at::Tensor state, action, next, pair;  ///< of each row: s, a, s', and the first row of the same pair
  std::int64_t actions = 0;

  template <class R>
  static finite of() {
    finite f;
    f.actions = discrete<R> ? 2 : 3;
    // Of the discrete problem's pairs the second action is rare in state 0.
    const std::vector<std::vector<std::int64_t>> copies{{9, 1, 5}, {4, 6, 5}, {5, 5, 5}}, leads{{1, 2, 1}, {2, 0, 2}, {0, 1, 0}};
    const std::vector<std::vector<double>> paid{{0.5, 2}, {-1, 0.3}, {1, 0}};
    const double base[] = {0.5, -1, 1};
    std::vector<std::int64_t> s, a, after, pair;
    std::vector<float> r, m, x;
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < std::size_t(f.actions); ++j) {
        const auto first = std::int64_t(s.size());
        const double number = 0.8 * (double(j) - 1);
        for (std::int64_t k = 0; k < (discrete<R> ? copies[i][j] : 1); ++k) {
          s.push_back(std::int64_t(i)), a.push_back(std::int64_t(j)), pair.push_back(first), x.push_back(float(number));
          after.push_back(discrete<R> ? leads[i][j] : leads[i][0]);
          r.push_back(float(discrete<R> ? paid[i][j] : base[i] + slope * number)), m.push_back(i == 2 && (j == 0 || !discrete<R>) ? 0.0f : 1.0f);
        }
      }
    const auto eye = at::eye(states);
    f.state = torch::tensor(s), f.action = torch::tensor(a), f.next = torch::tensor(after), f.pair = torch::tensor(pair);
    const auto known = at::ones({f.state.size(0)});
    const at::Tensor logged = discrete<R> ? f.action : torch::tensor(x).unsqueeze(1);
    const at::Tensor then = discrete<R> ? at::zeros_like(f.action) : at::full_like(logged, next_logged);
    f.rows = {eye.index_select(0, f.state), logged, torch::tensor(r), eye.index_select(0, f.next), torch::tensor(m), then, known, known};
    return f;
  }
  /// A quantity of all rows -> of the pairs, (states, actions).
  at::Tensor table(const at::Tensor& of_rows) const {
    auto out = at::zeros({states, actions}, at::kDouble);
    out.index_put_({state, action}, of_rows.to(at::kDouble));
    return out;
  }
  /// A quantity of all rows that is the state's -> (states).
  at::Tensor by_state(const at::Tensor& of_rows) const {
    auto out = at::zeros({states}, at::kDouble);
    out.index_put_({state}, of_rows.to(at::kDouble));
    return out;
  }
  /// How often each action was logged in each state, (states, actions).
  at::Tensor frequencies() const {
    auto n = at::zeros({states, actions}, at::kDouble);
    n.index_put_({state, action}, at::ones({state.size(0)}, at::kDouble), true);
    return n / n.sum(1, true);
  }
  /// The solution of  Q = r + extra + gamma m v(Q)(s'),  by iteration; v maps (states, actions) -> (states).
  at::Tensor solve(const std::function<at::Tensor(const at::Tensor&)>& v, const at::Tensor& extra = {}) const {
    at::Tensor r = rows.rewards.to(at::kDouble);
    if (extra.defined()) r = r + extra.index({state, action});
    at::Tensor q = at::zeros_like(r);
    for (int k = 0; k < 300; ++k) q = r + discount * rows.not_done.to(at::kDouble) * v(table(q)).index_select(0, next);
    return q;
  }
};
/// What a policy does in each state of the problem, as the law has seen it.
struct seen_policy {
  at::Tensor pi;                             ///< (states, actions), of discrete actions
  at::Tensor mode, mean, mean_log_pi;        ///< (states), of continuous ones
  /// Continuous actions: Q at an action of each state, from the pairs' values: the line through a = -.8 and .8.
  static at::Tensor at_action(const at::Tensor& q, const at::Tensor& a) { return q.select(1, 1) + (q.select(1, 2) - q.select(1, 0)) / 1.6 * a; }
};

/// Law of `CriticUpdate`: on a finite problem with the exact representation its fixed point is the value it names, that is the solution of
/// Q = r + gamma m v(Q)(s').  `value(problem, policy)` gives v, and `extra`, if there is any, what is added to rewards, (states, actions).
template <class Recipe>
verdict fixed_point(const auto& set, const auto& value, const at::Tensor& extra = {}) {
  using R = with_probed_critic<Recipe>;
  const auto problem = finite::of<R>();
  constexpr std::int64_t updates = 2500;
  auto p = small<R>();
  const auto exact = [&](auto& part) { part.net.hidden = {}, part.adam = {.learning_rate = 0.1, .cosine_steps = updates}; };
  exact(p.critic);
  if constexpr (requires { p.value.net; }) exact(p.value);
  if constexpr (requires { p.behavior.model; }) exact(p.behavior.model);
  if constexpr (requires { p.policy.net; }) p.policy.adam.learning_rate = 0;
  p.critic.discount = finite::discount, p.critic.polyak = 1;
  set(p);
  auto agent = fresh<R>(p, {finite::states, discrete<R> ? 2 : 1}, 3);
  for (std::int64_t k = 0; k < updates; ++k) agent.update(problem.rows);
  using look = look_at_critic;
  seen_policy of;
  if (discrete<R> && look::pi.defined()) of.pi = at::zeros({finite::states, problem.actions}, at::kDouble).index_put_({problem.state}, look::pi);
  if (!discrete<R>) of.mode = problem.by_state(look::mode.squeeze(1));
  if (!discrete<R> && look::mean_action.defined())
    of.mean = problem.by_state(look::mean_action.squeeze(1)), of.mean_log_pi = problem.by_state(look::mean_log_pi);
  look::pi = look::mode = look::mean_action = {};
  const auto expected = problem.solve([&](const at::Tensor& q) { return value(problem, of, q); }, extra);
  const double off = (look::q - expected.unsqueeze(0)).abs().max().template item<double>();
  return verdict().expect(off < 0.03 * (1 + expected.abs().max().template item<double>()), "the fixed point is the value it names", "off by " + std::to_string(off));
}
}  // namespace laws
