#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tessera/compose/recipe.hpp>
#include <tessera/compose/schedule.hpp>
#include <tessera/concepts/types.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// Sizes of a problem, and where its tensors live.
template <class B>
struct problem_spec {
  std::int64_t observation_size = 0;
  std::int64_t action_size = 0;
  std::uint64_t seed = 0;
  typename B::device device = B::cpu();
};

namespace detail {
template <class C, class B>
concept HasState = requires { typename C::template state<B>; };

struct no_state {
  template <class... Ignored>
  explicit no_state(const Ignored&...) {}
  void each(auto&&) {}
};
template <class C, class B>
struct state_for {
  using type = no_state;
};
template <class C, class B>
  requires HasState<C, B>
struct state_for<C, B> {
  using type = typename C::template state<B>;
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

/// What a recipe's learner owns: the networks of its slots and the states of its parts.
template <class R, class B>
struct memory {
  using P = typename R::template get<policy>;
  using C = typename R::template get<critic>;
  using V = typename R::template get<value>;
  using A = typename R::template get<actor>;
  static constexpr bool has_critic = !std::is_void_v<C>;
  static constexpr bool has_value = FittedValue<V>;
  static constexpr bool has_target_policy = UsesTargetPolicy<C>;

  typename B::network policy_net;
  std::optional<typename B::network> critic_net;
  std::optional<typename B::network> value_net;
  typename state_for<A, B>::type actor_state;

  memory(const params_of<R>& p, const problem_spec<B>& on)
      : policy_net(on, "policy", p.policy.net, p.policy.adam, on.observation_size, B::single,
                   P::layout(p.policy, on.action_size), has_target_policy),
        actor_state(p.actor, on) {
    if constexpr (has_critic) {
      const bool discrete = std::is_same_v<typename C::space, Discrete>;
      critic_net.emplace(on, "critic", p.critic.net, p.critic.adam,
                         on.observation_size + (discrete ? 0 : on.action_size), p.critic.members,
                         discrete ? head_layout{on.action_size} : head_layout::value(), true);
    }
    if constexpr (has_value)
      value_net.emplace(on, "value", p.value.net, p.value.adam, on.observation_size, B::single, head_layout::value(), false);
  }

  /// Calls f(name, object) for everything that a checkpoint holds.
  void each(auto&& f) {
    f("policy", policy_net);
    if (critic_net) f("critic", *critic_net);
    if (value_net) f("value", *value_net);
    actor_state.each([&](const char* name, auto& x) { f(name, x); });
  }
};
}  // namespace detail

/// A policy at the states of a batch.
template <class P, class Step>
class bound_policy {
 public:
  using T = typename Step::tensor;
  bound_policy(const typename P::params& h, head<T> x, Step& step) : h_(&h), x_(std::move(x)), step_(&step) {}

  T mode() const { return P::mode(*h_, x_); }
  T log_prob(const T& action) const { return P::log_prob(*h_, x_, action); }
  T log_probs() const { return P::log_probs(*h_, x_); }
  T sample() const { return P::sample(*h_, x_, eps()); }
  drawn<T> sample_with_log_prob() const { return P::sample_with_log_prob(*h_, x_, eps()); }

 private:
  T eps() const { return step_->draw(P::noise_kind, P::noise_size(step_->action_size()), x_.out); }

  const typename P::params* h_;
  head<T> x_;
  Step* step_;
};

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
  using pi_type = bound_policy<policy_type, step>;

  step(const params_of<R>& p, detail::memory<R, B>& m, const problem_spec<B>& on, const batch<tensor>& b, std::int64_t index)
      : p_(p), m_(m), on_(on), b_(b), index_(index) {}
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
  const tensor& reward() const { return b_.rewards; }
  const tensor& not_done() const { return b_.not_done; }
  std::int64_t action_size() const { return on_.action_size; }

  /// pi(.|s) with gradient; pi(.|s') without.
  pi_type pi(place where) {
    const auto version = m_.policy_net.version();
    auto& kept = where == now ? pi_now_ : pi_next_;
    if (!kept || kept->version != version) {
      // The actor's objective always needs pi(.|s): where it is still to come, and the policy stands still until then, one
      // pass serves both states.
      if (where == next && ahead(stage::actor, stage::actor)) {
        typename B::with_grad guard;
        auto both = m_.policy_net.trained_and_fixed(state(now), state(next));
        pi_now_ = memo<head<tensor>>{version, std::move(both[0])};
        pi_next_ = memo<head<tensor>>{version, std::move(both[1])};
      } else if (where == now) {
        typename B::with_grad guard;  // also where an estimate without gradient asks first
        pi_now_ = memo<head<tensor>>{version, m_.policy_net.trained(state(now))};
      } else {
        typename B::no_grad guard;
        pi_next_ = memo<head<tensor>>{version, m_.policy_net.fixed(state(next))};
      }
    }
    return {p_.policy, kept->of, *this};
  }
  /// The target policy, no gradient.
  pi_type pi_target(place where) { return {p_.policy, m_.policy_net.target(state(where)), *this}; }

  /// Q_i(s, a), (N, B); the gradient reaches the critic's parameters and the action.
  tensor q(place where, const tensor& a) {
    if constexpr (discrete) return B::pick(m_.critic_net->trained(state(where)).out, a);
    else return m_.critic_net->trained(state(where), a).out;
  }
  /// Q_i(s, a), (N, B), or of the first `members` alone; parameters frozen, the gradient reaches the action alone.
  tensor q_frozen(place where, const tensor& a, std::int64_t members = 0) {
    return m_.critic_net->frozen(state(where), a, members).out;
  }
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
  /// min_i Qbar_i(s, a_D), (B), no gradient.
  const tensor& q_target_data() {
    if (!q_target_data_) q_target_data_ = math::least(q_target(now, action()));
    return *q_target_data_;
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

  /// V(s), (B), with gradient.
  tensor v(place where) { return m_.value_net->trained(state(where)).out; }
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
  /// The actor's entropy temperature, a scalar, no gradient.
  tensor temperature() { return actor_type::temperature(p_.actor, *this); }

  /// The state of the part in slot S.
  template <template <class> class S>
  auto& state_of() {
    static_assert(detail::fills<S, actor<void>>, "only actor objectives have a state");
    return m_.actor_state;
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
      const auto [what, period] = phases_[i];
      if (index_ % period == 0 && detail::runs<R>(what) && accepts(what)) return what;
    }
    return std::nullopt;
  }
  // Whether a stage is still to run in this update, before the one that would change what it sees.
  bool ahead(stage wanted, stage change) const {
    return coming([=](stage what) { return what == wanted || what == change; }) == wanted;
  }

  const params_of<R>& p_;
  detail::memory<R, B>& m_;
  const problem_spec<B>& on_;
  const batch<tensor>& b_;
  std::int64_t index_;
  std::int64_t draws_ = 0;
  std::span<const phase> phases_;
  std::size_t at_ = 0;
  std::optional<memo<head<tensor>>> pi_now_, pi_next_;
  std::optional<memo<tensor>> v_now_, v_next_;
  std::optional<tensor> q_target_data_;
  std::vector<term<tensor>> logged_;
};
}  // namespace tessera
