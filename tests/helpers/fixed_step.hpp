#pragma once
#include <functional>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include <tessera/compose/step.hpp>
#include <tessera/concepts/asked.hpp>
#include <tessera/concepts/columns.hpp>
#include <tessera/nn/backend.hpp>
#include <tessera/policy/bound.hpp>

#include "tensors.hpp"

namespace support {
/// A step whose networks are what a test says they are, so that a part's loss can be checked by hand.  What a
/// test does not set, the part may not ask for: an empty function throws.
template <class P>
struct FixedStep {
  using tensor = at::Tensor;
  using policy_type = P;
  static constexpr bool discrete = std::is_same_v<typename P::space, tessera::Discrete>;
  using backend = tessera::torch_backend;
  using Q = std::function<tensor(tessera::place, const tensor&)>;  // Q_i(s, a), (N, B), of where and a
  using V = std::function<tensor(tessera::place)>;

  typename P::params h{};
  std::map<tessera::place, tessera::head<tensor>> heads, target_heads;
  tensor actions, rewards, mask;
  std::vector<tensor> noise;  // handed out in order
  Q trained_q, frozen_q, fixed_q, target_q;
  V trained_v, constant_v, estimate, fixed_all, target_all;
  std::function<tensor()> actor_temperature, logged_advantage;
  Q many_q, frozen_many_q, fixed_many_q, target_many_q, action_slope;  // of (B, K, d), to (N, B, K); dQ/da, (N, B, d)
  Q behavior_density;                                                  // log b(a|s), (B)
  V behavior_densities, supported, penalized, states, target_v;
  std::function<tensor(const tensor&)> trained_v_at;
  std::function<tensor(tessera::place, std::int64_t)> behavior_draws;
  tensor all_q, next_actions, next_known, logged_returns, fixed_policy;
  double temperature_of_value = 1;
  std::int64_t number_of_update = 1;
  std::int64_t dimensions = 1;
  std::size_t draws = 0;

  const tensor& action() const { return actions; }
  const tensor& reward() const { return rewards; }
  const tensor& not_done() const { return mask; }
  std::int64_t action_size() const { return dimensions; }
  // Of the batch, how many transitions are logged; -1: all.
  std::int64_t logged_rows = -1;
  bool all_logged() const { return logged_rows < 0; }
  std::int64_t logged_count() const { return all_logged() ? rewards.size(0) : logged_rows; }
  std::int64_t imagined_count() const { return rewards.size(0) - logged_count(); }
  tensor logged(const tensor& x, std::int64_t axis = 0) const { return x.narrow(axis, 0, logged_count()); }
  tensor imagined(const tensor& x, std::int64_t axis = 0) const {
    return x.narrow(axis, logged_count(), imagined_count());
  }

  tessera::bound_policy<P, FixedStep> pi(tessera::place where) { return {h, heads.at(where), *this}; }
  tessera::bound_policy<P, FixedStep> pi(tessera::place where, decltype(tessera::as::target)) {
    return {h, target_heads.at(where), *this};
  }
  template <class How = decltype(tessera::as::trained)>
  tensor q(tessera::place where, const tensor& a, How = {}, std::int64_t members = 0) {
    const bool many = a.dim() == 3;
    if constexpr (How::from == tessera::copy::target) {
      return many ? target_many_q(where, a) : target_q(where, a);
    } else if constexpr (How::to == tessera::gradient::nowhere) {
      return many ? fixed_many_q(where, a) : fixed_q(where, a);
    } else if constexpr (How::to == tessera::gradient::input) {
      const auto all = many ? frozen_many_q(where, a) : frozen_q(where, a);
      return members > 0 ? all.narrow(0, 0, members) : all;
    } else {
      return many ? many_q(where, a) : trained_q(where, a);
    }
  }
  template <class How = decltype(tessera::as::trained)>
  tensor q(tessera::place where, tessera::logged_action_t, How how = {}) {
    return q(where, actions, how);
  }
  template <class How = decltype(tessera::as::trained)>
  tensor q(tessera::place where, tessera::every_action_t, How = {}) {
    if constexpr (How::from == tessera::copy::target) return target_all(where);
    else if constexpr (How::to == tessera::gradient::nowhere) return fixed_all(where);
    else return all_q;
  }
  template <class Action>
  tensor q_target_of(const tensor& members, tessera::place where, const Action& a) {
    return q(where, a, tessera::as::target).index_select(0, members);
  }
  const tensor& next_action() const { return next_actions; }
  const tensor& next_action_known() const { return next_known; }
  const tensor& returns() const { return logged_returns; }
  template <class C>
  const tensor& column() const {
    static_assert(std::is_same_v<C, tessera::column::fixed_policy>);
    return fixed_policy;
  }
  std::int64_t update() const { return number_of_update; }
  tensor state(tessera::place where) { return states(where); }
  tensor q_action_gradient(tessera::place where, const tensor& a) { return action_slope(where, a); }
  tensor behavior_log_prob(tessera::place where, const tensor& a) { return behavior_density(where, a); }
  tensor behavior_log_probs(tessera::place where) { return behavior_densities(where); }
  tensor behavior_support(tessera::place where) { return supported(where); }
  tensor behavior_samples(tessera::place where, std::int64_t count) { return behavior_draws(where, count); }
  tensor penalty(tessera::place where) { return penalized(where); }
  tensor constant(double x) const { return at::full({}, x, at::kDouble); }
  template <class How = decltype(tessera::as::trained)>
  tensor v(tessera::place where, How = {}) {
    if constexpr (How::from == tessera::copy::target) return target_v(where);
    else if constexpr (How::to == tessera::gradient::nowhere) return constant_v(where);
    else return trained_v(where);
  }
  tensor v(const tensor& s) { return trained_v_at(s); }
  tensor value(tessera::place where) { return estimate(where); }
  tensor advantage() { return logged_advantage(); }
  double value_temperature() const { return temperature_of_value; }
  tensor temperature() { return actor_temperature(); }
  /// What the part descends: its loss is differentiated, and the networks step.
  template <class... Networks>
  void descend(const tessera::terms<tensor>& loss, Networks&... networks) {
    for (const auto& t : loss.items) t.value.backward({}, true);
    (networks.apply(), ...);
  }
  tensor draw(tessera::noise kind, std::int64_t, const tensor&) {
    return kind == tessera::noise::none ? tensor() : noise.at(draws++);
  }
  tensor normal_like(const tensor&) { return noise.at(draws++); }
};

/// A step whose part has a state, and hyper-parameters of type H.
template <class P, class State, class H = int>
struct FixedStepWithState : FixedStep<P> {
  State* own = nullptr;
  H own_params{};
  template <template <class> class Slot>
  const H& params_of_slot() const {
    return own_params;
  }
  tessera::bound_policy<P, FixedStepWithState> pi(tessera::place where) {
    return {this->h, this->heads.at(where), *this};
  }
  template <template <class> class Slot>
  State& state_of() {
    return *own;
  }
};

/// A loss of one summand.
inline at::Tensor only(const tessera::terms<at::Tensor>& sum, const std::string& name) {
  REQUIRE(sum.items.size() == 1);
  CHECK(sum.items[0].name == name);
  return sum.items[0].value;
}
inline auto always(at::Tensor x) {
  return [x](auto&&...) { return x; };
}
/// The answer at one place; asking at the other is an error.
inline auto only_at(tessera::place where, at::Tensor x) {
  return [where, x](tessera::place asked, auto&&...) {
    if (asked != where) throw std::logic_error("asked at the wrong state");
    return x;
  };
}
}  // namespace support
