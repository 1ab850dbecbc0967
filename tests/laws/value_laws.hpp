#pragma once
#include <tessera/concepts/value.hpp>

#include "laws/finite_problem.hpp"

/// What value estimates promise.  Each law is of a recipe over discrete actions, whose value is the model; `set` sets
/// hyper-parameters.
namespace laws {
/// Looks, from the actor, at what the value says of the batch, and at what it is a statistic of.
template <class V>
struct look_at_value {
  static inline at::Tensor now_, next_, advantage, q, pi;
  static inline bool constant = true;

  template <class A>
  static void look(const auto&, auto& step) {
    using Step = std::decay_t<decltype(step)>;
    const auto& h = params_in<value>(step);
    const at::Tensor at_now = V::estimate(h, step, now), at_next = V::estimate(h, step, next),
                     a = V::advantage(h, step);
    constant = constant && !at_now.requires_grad() && !at_next.requires_grad() && !a.requires_grad();
    at::NoGradGuard guard;
    now_ = at_now.to(at::kDouble), next_ = at_next.to(at::kDouble), advantage = a.to(at::kDouble);
    if constexpr (!std::is_void_v<typename Step::template part<critic>>)
      q = std::get<0>(step.q(now, every_action, as::fixed).min(0)).to(at::kDouble);
    pi = step.pi(now).log_probs().exp().to(at::kDouble);
  }
};

/// A recipe with a probe in its value, where that has a loss.
template <class R>
struct probed_value {
  using type = R;
};
template <class R>
  requires FittedValue<typename R::template get<value>>
struct probed_value<R> {
  using type = probed<R, value>;
};

/// What a value is a statistic of, in one state: values of actions, how often each was logged, how likely it is under
/// the policy.
struct in_a_state {
  std::vector<double> q, b, pi;
};
inline std::vector<double> row_of(const at::Tensor& x, std::int64_t i) {
  const auto row = x[i].to(at::kDouble).contiguous();
  return {row.data_ptr<double>(), row.data_ptr<double>() + row.numel()};
}
/// Where an increasing function is zero.
inline double root(const std::function<double(double)>& f, double low, double high) {
  for (int k = 0; k < 200; ++k) (f((low + high) / 2) < 0 ? low : high) = (low + high) / 2;
  return low;
}

/// Laws of `ValueEstimate`: the estimate lies between the smallest and the largest of what it is a statistic of;
/// `bonus(of)` widens that where the statistic carries an entropy.  Of `FittedValue`: its loss is least at the
/// statistic that it names, `statistic(of, h)`.  Of `SoftMaximumValue`: its temperature is positive.
template <class Recipe>
verdict value_laws(const auto& set, const auto& statistic, const std::function<double(const in_a_state&)>& bonus = {}) {
  using V = typename Recipe::template get<value>;
  using Look = look_at_value<V>;
  using R = typename probed_value<probed<Recipe, actor, Look>>::type;
  static_assert(ValueEstimate<V>);
  verdict v;

  // A critic that stands still, and a value that is exact on the problem.
  constexpr std::int64_t updates = 2500;
  constexpr bool has_critic = !std::is_void_v<typename R::template get<critic>>;
  auto p = small<R>();
  if constexpr (has_critic) p.critic.net.hidden = {}, p.critic.net.last_gain = 4, p.critic.adam.learning_rate = 0;
  if constexpr (requires { p.value.net; })
    p.value.net.hidden = {}, p.value.adam = {.learning_rate = 0.1, .cosine_steps = updates};
  if constexpr (requires { p.value.standardize; }) p.value.standardize = false;
  if constexpr (requires { p.value.minibatch; }) p.value.minibatch = 1000;
  p.policy.adam.learning_rate = 0;
  if constexpr (requires { p.actor.kl; }) p.actor.kl = 0;
  set(p);
  auto problem = finite_problem::of<R>();
  auto& rows = problem.rows;
  const at::Tensor returns = 3 * rows.rewards + problem.state.to(at::kFloat);
  rows.template set<column::returns>(returns);
  if constexpr (FollowsPolicy<typename R::template get<data>>) rows.logged = 0;
  auto agent = fresh<R>(p, {finite_problem::states, 2}, 3);
  Look::constant = true;
  for (std::int64_t k = 0; k < updates; ++k) agent.update(rows);

  const auto by_state = problem.by_state(Look::now_), b = problem.frequencies();
  const auto pi = at::zeros({finite_problem::states, 2}, at::kDouble).index_put_({problem.state}, Look::pi);
  at::Tensor q = problem.table(returns);
  if constexpr (has_critic)
    q = at::zeros({finite_problem::states, 2}, at::kDouble).index_put_({problem.state}, Look::q);
  for (std::int64_t s = 0; s < finite_problem::states; ++s) {
    const in_a_state of{row_of(q, s), row_of(b, s), row_of(pi, s)};
    const double x = support::number(by_state[s]), expected = statistic(of, p.value), wider = bonus ? bonus(of) : 0;
    const auto [min, largest] = std::minmax_element(of.q.begin(), of.q.end());
    const std::string text = std::to_string(x) + " for " + std::to_string(expected) + " of " + std::to_string(of.q[0]) +
                             " and " + std::to_string(of.q[1]);
    v.expect(x >= *min - 1e-3 && x <= *largest + wider + 1e-3, "the estimate lies between the least and the largest",
             text);
    v.expect(std::abs(x - expected) < 0.01, "the estimate is the statistic it names", text);
  }
  v.expect(at::allclose(Look::next_, by_state.index_select(0, problem.next), 1e-4, 1e-4),
           "the estimate at the next state is that of the state");
  v.expect(at::allclose(Look::advantage, q.index({problem.state, problem.action}) - Look::now_, 1e-4, 1e-4),
           "the advantage is that of the logged action");

  // Where the loss is of a network.
  if constexpr (FittedValue<V>) {
    auto h = small<R>();
    set(h);
    h.value.adam.learning_rate = 0;
    v += reaches_alone<R, value>(h, "value/");
  }
  auto h = small<R>();
  set(h);
  v += holds_no_state<R>(h);
  v.expect(Look::constant, "estimate and advantage have no gradient");
  if constexpr (SoftMaximumValue<V>) {
    v.expect(V::temperature(p.value) > 0, "the temperature is positive");
    if constexpr (requires { h.value.alpha; }) h.value.alpha = 1e-6;
    if constexpr (requires { h.value.beta; }) h.value.beta = 1e-6;
    v.expect(V::temperature(h.value) > 0, "the least temperature is positive");
  }
  return v;
}
}  // namespace laws
