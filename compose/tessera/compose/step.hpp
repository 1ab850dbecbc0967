#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tessera/compose/recipe.hpp>
#include <tessera/compose/schedule.hpp>
#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/types.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/policy/bound.hpp>

namespace tessera {
/// Sizes of a problem, and where its tensors live.
template <class B>
struct problem_spec {
  std::int64_t observation_size = 0;
  std::int64_t action_size = 0;
  std::uint64_t seed = 0;
  typename B::device device = B::cpu();
  bool discrete = false;  ///< whether actions are indices; the learner's policy says so
};

namespace detail {
template <class C, class B>
concept HasState = requires { typename C::template state<B>; };

// The state of the part in a slot, made of the slot's hyper-parameters; nothing, where there is no such state.
template <class C, template <class> class Slot, class B>
struct owned {
  template <class... Ignored>
  explicit owned(const Ignored&...) {}
  void each(auto&&) {}
};
template <class C, template <class> class Slot, class B>
  requires HasState<C, B>
struct owned<C, Slot, B> : C::template state<B> {
  template <class Params>
  owned(const Params& p, const problem_spec<B>& on) : C::template state<B>(p.*Slot<C>::member, on) {}
};

/// Whether a part's needs name the value slot.
template <class Need>
constexpr bool names_value = false;
template <template <class> class S, class Want>
constexpr bool names_value<need<S, Want>> = fills<tessera::value, S<void>>;
template <class List>
constexpr bool any_names_value = false;
template <class... Needs>
constexpr bool any_names_value<needs<Needs...>> = (names_value<Needs> || ...);
template <class Part>
constexpr bool looks_up_value = any_names_value<typename Part::needs_>;
template <>
inline constexpr bool looks_up_value<void> = false;

/// Whether a part's needs name the policy slot.
template <class Need>
constexpr bool names_policy = false;
template <template <class> class S, class Want>
constexpr bool names_policy<need<S, Want>> = fills<tessera::policy, S<void>>;
template <class List>
constexpr bool any_names_policy = false;
template <class... Needs>
constexpr bool any_names_policy<needs<Needs...>> = (names_policy<Needs> || ...);
/// Whether a critic update looks up pi(.|s'): it needs a policy, and is not content with the target policy.
template <class C>
constexpr bool looks_up_next_policy = any_names_policy<typename C::needs_> && !UsesTargetPolicy<C>;
template <>
inline constexpr bool looks_up_next_policy<void> = false;

/// Whether any part of a recipe reads the logged action at s'.
template <class Part>
concept ReadsNextAction = Part::reads_next_action;
template <class... Slots>
struct any_reads_next_action {
  static constexpr bool value = (ReadsNextAction<typename Slots::type> || ...);
};

/// What a recipe's learner owns: the networks of its slots and the states of its parts.
template <class R, class B>
struct memory {
  using P = typename R::template get<policy>;
  using C = typename R::template get<critic>;
  using V = typename R::template get<value>;
  using A = typename R::template get<actor>;
  using K = typename R::template get<constraint>;
  using M = typename R::template get<behavior>;
  using D = typename R::template get<dynamics>;
  using U = typename R::template get<uncertainty>;
  using S = typename R::template get<data>;
  static constexpr bool has_policy = TrainedPolicy<P>;
  static constexpr bool has_behavior = !std::is_void_v<M>;
  static constexpr bool has_critic = !std::is_void_v<C>;
  static constexpr bool has_value = FittedValue<V>;
  static constexpr bool has_target_policy = UsesTargetPolicy<C>;

  std::optional<typename B::network> policy_net, critic_net, value_net;
  owned<A, actor, B> actor_state;
  owned<C, critic, B> critic_state;
  owned<K, constraint, B> constraint_state;
  owned<M, behavior, B> behavior_state;
  owned<D, dynamics, B> dynamics_state;
  owned<U, uncertainty, B> uncertainty_state;
  owned<S, data, B> data_state;

  memory(const params_of<R>& p, const problem_spec<B>& on)
      : actor_state(p, on), critic_state(p, on), constraint_state(p, on), behavior_state(p, on), dynamics_state(p, on), uncertainty_state(p, on), data_state(p, on) {
    if constexpr (has_policy)
      policy_net.emplace(on, "policy", p.policy.net, p.policy.adam, on.observation_size, B::single, P::layout(p.policy, on.action_size),
                         has_target_policy);
    if constexpr (has_critic) {
      const bool discrete = std::is_same_v<typename C::space, Discrete>;
      critic_net.emplace(on, "critic", p.critic.net, p.critic.adam,
                         on.observation_size + (discrete ? 0 : on.action_size), p.critic.members,
                         discrete ? head_layout{on.action_size} : head_layout::value(), true);
    }
    if constexpr (has_value)
      value_net.emplace(on, "value", p.value.net, p.value.adam, on.observation_size, B::single, head_layout::value(),
                        UsesTargetValue<V>);
  }

  /// Calls f(name, object) for everything that a checkpoint holds.
  void each(auto&& f) {
    if (policy_net) f("policy", *policy_net);
    if (critic_net) f("critic", *critic_net);
    if (value_net) f("value", *value_net);
    actor_state.each(f), critic_state.each(f), constraint_state.each(f), behavior_state.each(f);
    dynamics_state.each(f), uncertainty_state.each(f), data_state.each(f);
  }
};
}  // namespace detail

/// One update as its parts see it: a batch, the networks at that batch, and noise.
/// What has no gradient says so; a value asked for twice is computed once, as long as its network stands still.
template <class R, class B>
class step {
 public:
  using tensor = typename B::tensor;
  using policy_type = typename R::template get<policy>;
  using critic_type = typename R::template get<critic>;
  using value_type = typename R::template get<value>;
  using actor_type = typename R::template get<actor>;
  using constraint_type = typename R::template get<constraint>;
  using behavior_type = typename R::template get<behavior>;
  using dynamics_type = typename R::template get<dynamics>;
  using uncertainty_type = typename R::template get<uncertainty>;
  using backend = B;
  using pi_type = bound_policy<policy_type, step>;

  step(const params_of<R>& p, detail::memory<R, B>& m, const problem_spec<B>& on, const typename B::units& units, const batch<tensor>& b, std::int64_t index,
       std::int64_t draws = 0)
      : p_(p), m_(m), on_(on), units_(units), b_(b), index_(index), draws_(draws) {}
  step(const step&) = delete;

  /// The update's phases, of which number `at` runs.
  void enter(std::span<const phase> phases, std::size_t at) { phases_ = phases, at_ = at; }
  /// Whether a stage runs next in this update, with nothing between.
  bool follows_directly(stage wanted) const {
    return coming([](stage) { return true; }) == wanted;
  }
  /// Whether the critic's targets have moved with the critic in this update already.
  bool targets_moved = false;

  // The batch: (s, a, r, s', m).
  const tensor& state(place where) const { return where == now ? b_.observations : b_.next_observations; }
  const tensor& action() const { return b_.actions; }
  /// (B), less what the uncertainty part takes off imagined ones, where it charges targets.
  const tensor& reward() {
    if constexpr (ChargesTargets<uncertainty_type>) {
      if (!charged_) {
        typename B::no_grad guard;
        charged_ = b_.rewards - uncertainty_type::penalty(p_.uncertainty, *this);
      }
      return *charged_;
    } else {
      return b_.rewards;
    }
  }
  const tensor& not_done() const { return b_.not_done; }
  const tensor& next_action() const { return b_.next_actions; }
  const tensor& next_action_known() const { return b_.next_actions_known; }
  const tensor& returns() const { return b_.returns; }
  std::int64_t action_size() const { return on_.action_size; }
  /// Whether the batch holds logged transitions alone; else they come first, and imagined ones follow.
  bool all_logged() const { return b_.logged == batch<tensor>::everything; }
  std::int64_t logged_count() const { return all_logged() ? b_.rewards.size(0) : b_.logged; }
  std::int64_t imagined_count() const { return b_.rewards.size(0) - logged_count(); }
  /// The rows of a quantity, along its axis of the batch, at logged and at imagined transitions.
  tensor logged(const tensor& x, int axis = 0) const { return all_logged() ? x : x.narrow(axis, 0, logged_count()); }
  tensor imagined(const tensor& x, int axis = 0) const { return x.narrow(axis, logged_count(), imagined_count()); }
  /// gamma, of whatever part has it.
  double discount() const {
    if constexpr (!std::is_void_v<critic_type>) return p_.critic.discount;
    else return p_.value.discount;
  }

  // A dynamics model speaks of the task's own units, and of discrete actions as one-hot rows.
  tensor task_states(const tensor& s) const { return units_.task_observations(s); }
  tensor task_actions(const tensor& a) const {
    if constexpr (std::is_same_v<typename policy_type::space, Discrete>) return B::one_hot(a, on_.action_size);
    else return units_.actions(a);
  }
  tensor learner_states(const tensor& s) const { return units_.imagined_observations(s); }
  tensor learner_rewards(const tensor& r) const { return units_.imagined_rewards(r); }
  tensor task_rewards(const tensor& r) const { return units_.task_rewards(r); }
  /// The number of this update, counted from one.
  std::int64_t update() const { return index_; }

  /// pi(.|s) with gradient; pi(.|s') without.
  pi_type pi(place where) {
    const auto version = m_.policy_net->version();
    auto& kept = where == now ? pi_now_ : pi_next_;
    if (!kept || kept->version != version) {
      // The actor's objective always needs pi(.|s): where it is still to come, and the policy stands still until then, one
      // pass serves both states.  So does one where it comes first, and its step waits for a critic that needs pi(.|s').
      if (where == next ? ahead(stage::actor, stage::actor) : detail::looks_up_next_policy<critic_type> && critic_waits()) {
        typename B::with_grad guard;
        auto both = m_.policy_net->trained_and_fixed(state(now), state(next));
        pi_now_ = memo<head<tensor>>{version, std::move(both[0])};
        pi_next_ = memo<head<tensor>>{version, std::move(both[1])};
      } else if (where == now) {
        typename B::with_grad guard;  // also where an estimate without gradient asks first
        pi_now_ = memo<head<tensor>>{version, m_.policy_net->trained(state(now))};
      } else {
        typename B::no_grad guard;
        pi_next_ = memo<head<tensor>>{version, m_.policy_net->fixed(state(next))};
      }
    }
    return {p_.policy, kept->of, *this};
  }
  /// pi at states (B', n) that are not the batch's, no gradient.
  pi_type pi_at(const tensor& states) {
    typename B::no_grad guard;
    return {p_.policy, m_.policy_net->fixed(states), *this};
  }
  /// The policy's network, for an actor that moves it by itself.
  auto& policy_network() { return *m_.policy_net; }
  /// The target policy, no gradient.
  pi_type pi_target(place where) { return {p_.policy, m_.policy_net->target(state(where)), *this}; }

  /// Q_i(s, a), (N, B); the gradient reaches the critic's parameters and the action.
  tensor q(place where, const tensor& a) {
    if constexpr (discrete) return B::pick(where == now ? q_all() : m_.critic_net->trained(state(where)).out, a);
    else return m_.critic_net->trained(state(where), a).out;
  }
  /// Q_i(s, a_D), (N, B), with gradient; asked for twice, computed once.
  const tensor& q_data() {
    const auto version = m_.critic_net->version();
    if (!q_data_ || q_data_->version != version) q_data_ = memo<tensor>{version, q(now, action())};
    return q_data_->of;
  }
  /// Q_i(s, a_k) of K actions for each state, (B, K, d) -> (N, B, K); the gradient reaches the critic's parameters.
  tensor q_many(place where, const tensor& a) { return m_.critic_net->trained_many(state(where), a).out; }
  tensor q_fixed_many(place where, const tensor& a) {
    typename B::no_grad guard;
    return m_.critic_net->fixed_many(state(where), a).out;
  }
  tensor q_target_many(place where, const tensor& a) {
    typename B::no_grad guard;
    return m_.critic_net->target_many(state(where), a).out;
  }
  /// dQ_i/da (s, a), (N, B, d), itself differentiable in the critic's parameters.
  tensor q_action_gradient(place where, const tensor& a) { return m_.critic_net->action_gradient(state(where), a); }
  /// Q_i(s, a), (N, B), or of the first `members` alone; parameters frozen, the gradient reaches the action alone.
  tensor q_frozen(place where, const tensor& a, std::int64_t members = 0) {
    return m_.critic_net->frozen(state(where), a, members).out;
  }
  /// The same of K actions for each state, (B, K, d) -> (N, B, K); the gradient reaches the actions alone.
  tensor q_frozen_many(place where, const tensor& a) { return m_.critic_net->frozen_many(state(where), a).out; }
  /// Q_i(s, a), (N, B), no gradient.
  tensor q_fixed(place where, const tensor& a) {
    typename B::no_grad guard;
    if constexpr (discrete) return B::pick(m_.critic_net->fixed(state(where)).out, a);
    else return m_.critic_net->fixed(state(where), a).out;
  }
  /// Qbar_i(s, a), (N, B), no gradient.
  tensor q_target(place where, const tensor& a) {
    typename B::no_grad guard;
    if constexpr (discrete) return B::pick(m_.critic_net->target(state(where)).out, a);
    else return m_.critic_net->target(state(where), a).out;
  }
  /// The same at states (B', n) that are not the batch's.
  tensor q_target_at(const tensor& states, const tensor& a) {
    typename B::no_grad guard;
    if constexpr (discrete) return B::pick(m_.critic_net->target(states).out, a);
    else return m_.critic_net->target(states, a).out;
  }
  /// min_i Qbar_i(s, a_D), (B), no gradient.
  const tensor& q_target_data() {
    if (!q_target_data_) q_target_data_ = math::least(q_target(now, action()));
    return *q_target_data_;
  }

  /// Discrete actions: every action's value at s, (N, B, A), with gradient.
  const tensor& q_all() {
    const auto version = m_.critic_net->version();
    if (!q_all_ || q_all_->version != version) q_all_ = memo<tensor>{version, m_.critic_net->trained(state(now)).out};
    return q_all_->of;
  }
  // Discrete actions: every action's value, (N, B, A), no gradient.
  tensor q_fixed_all(place where) {
    typename B::no_grad guard;
    return m_.critic_net->fixed(state(where)).out;
  }
  tensor q_target_all(place where) {
    typename B::no_grad guard;
    return m_.critic_net->target(state(where)).out;
  }

  /// Vbar(s), (B), of the value's slowly moving copy, no gradient.
  tensor v_target(place where) {
    typename B::no_grad guard;
    return m_.value_net->target(state(where)).out;
  }
  /// V(s), (B), with gradient.
  tensor v(place where) { return m_.value_net->trained(state(where)).out; }
  /// V at states (B', n) that are not the batch's, (B'), with gradient.
  tensor v_at(const tensor& states) { return m_.value_net->trained(states).out; }
  /// V(s), (B), no gradient, with the parameters of this moment.
  tensor v_fixed(place where) {
    const auto version = m_.value_net->version();
    auto& kept = where == now ? v_now_ : v_next_;
    if (!kept || kept->version != version) {
      typename B::no_grad guard;
      // The critic looks V up at s', the actor at s: where the other is still to come, and V stands still until then, one pass
      // serves both.
      constexpr bool both_look = detail::looks_up_value<critic_type> && detail::looks_up_value<actor_type>;
      if (both_look && ahead(where == now ? stage::critic : stage::actor, stage::value)) {
        auto both = m_.value_net->both_fixed(state(now), state(next));
        v_now_ = memo<tensor>{version, std::move(both[0].out)};
        v_next_ = memo<tensor>{version, std::move(both[1].out)};
      } else {
        kept = memo<tensor>{version, m_.value_net->fixed(state(where)).out};
      }
    }
    return kept->of;
  }

  /// V(s), (B), and A(s, a_D), (B), as the value slot has them; no gradient.
  tensor value(place where) {
    typename B::no_grad guard;
    return value_type::estimate(p_.value, *this, where);
  }
  tensor advantage() {
    typename B::no_grad guard;
    return value_type::advantage(p_.value, *this);
  }
  /// The temperature of a value that is a soft maximum.
  double value_temperature() const { return value_type::temperature(p_.value); }
  /// A number as a scalar.
  tensor constant(double x) const { return B::constant(x, b_.rewards); }
  /// The actor's entropy temperature, a scalar, no gradient.
  tensor temperature() { return actor_type::temperature(p_.actor, *this); }

  // What the dynamics model says of states and actions, (B', n) and (B', d), in the task's units; no gradient.
  forecast<tensor> members(const tensor& states, const tensor& actions) {
    typename B::no_grad guard;
    return dynamics_type::members(p_.dynamics, *this, states, actions);
  }
  // What the behaviour's model says; the gradient reaches the action.
  tensor behavior_log_prob(place where, const tensor& a) { return behavior_type::log_prob(p_.behavior, *this, where, a); }
  tensor behavior_log_probs(place where) { return behavior_type::log_probs(p_.behavior, *this, where); }
  /// Discrete actions: which of them the data support, (B, A) of 0 and 1, no gradient.
  tensor behavior_support(place where) { return behavior_type::support(p_.behavior, *this, where); }
  /// K actions of the behaviour's for each state, (B, K, d), no gradient.
  tensor behavior_samples(place where, std::int64_t count) { return behavior_type::samples(p_.behavior, *this, where, count); }

  /// What the constraint charges at a state: its coefficient times its divergence there, (B), no gradient.
  tensor penalty(place where) {
    typename B::no_grad guard;
    return constraint_type::coefficient(p_.constraint, *this) * constraint_type::at(p_.constraint, *this, where);
  }

  /// The hyper-parameters of the part in slot S.
  template <template <class> class S>
  const auto& params_of_slot() const {
    return p_.*S<typename R::template get<S>>::member;
  }
  /// The state of the part in slot S.
  template <template <class> class S>
  auto& state_of() {
    if constexpr (detail::fills<S, tessera::critic<void>>) return m_.critic_state;
    else if constexpr (detail::fills<S, tessera::constraint<void>>) return m_.constraint_state;
    else if constexpr (detail::fills<S, tessera::behavior<void>>) return m_.behavior_state;
    else if constexpr (detail::fills<S, tessera::dynamics<void>>) return m_.dynamics_state;
    else if constexpr (detail::fills<S, tessera::uncertainty<void>>) return m_.uncertainty_state;
    else if constexpr (detail::fills<S, tessera::data<void>>) return m_.data_state;
    else {
      static_assert(detail::fills<S, tessera::actor<void>>, "parts in this slot have no state");
      return m_.actor_state;
    }
  }

  /// Fresh noise of shape (rows of x, columns): a function of (seed, update, how many draws came before).
  tensor draw(noise kind, std::int64_t columns, const tensor& like) {
    return B::draw(kind, on_.seed, index_, draws_++, columns, like);
  }
  tensor normal_like(const tensor& x) { return draw(noise::normal, B::columns(x), x); }

  /// Logs a quantity under a name of the form "slot/what".
  void log(const char* name, const tensor& value) { logged_.push_back({name, B::stop(value)}); }
  const std::vector<term<tensor>>& logged() const { return logged_; }

 private:
  template <class T>
  struct memo {
    std::int64_t version;
    T of;
  };

  static constexpr bool discrete = [] {
    if constexpr (std::is_void_v<critic_type>) return false;
    else return std::is_same_v<typename critic_type::space, Discrete>;
  }();

  // The next stage of this update that `accepts`.
  template <class F>
  std::optional<stage> coming(F accepts) const {
    for (auto i = at_ + 1; i < phases_.size(); ++i) {
      const auto what = phases_[i].what;
      if (phases_[i].runs_in(index_) && detail::runs<R>(what) && accepts(what)) return what;
    }
    return std::nullopt;
  }
  // Whether a stage is still to run in this update, before the one that would change what it sees.
  bool ahead(stage wanted, stage change) const {
    return coming([=](stage what) { return what == wanted || what == change; }) == wanted;
  }

  // Whether this is the actor's stage, and a critic's comes before its step.
  bool critic_waits() const {
    if (at_ >= phases_.size() || phases_[at_].what != stage::actor) return false;
    for (auto i = at_; i + 1 < phases_.size() && phases_[i].together && phases_[i + 1].together; ++i)
      if (phases_[i + 1].what == stage::critic) return phases_[i + 1].runs_in(index_);
    return false;
  }

  const params_of<R>& p_;
  detail::memory<R, B>& m_;
  const problem_spec<B>& on_;
  const typename B::units& units_;
  const batch<tensor>& b_;
  std::int64_t index_;
  std::int64_t draws_;
  std::span<const phase> phases_;
  std::size_t at_ = 0;
  std::optional<memo<head<tensor>>> pi_now_, pi_next_;
  std::optional<memo<tensor>> v_now_, v_next_;
  std::optional<memo<tensor>> q_data_, q_all_;
  std::optional<tensor> q_target_data_, charged_;
  std::vector<term<tensor>> logged_;
};
}  // namespace tessera
