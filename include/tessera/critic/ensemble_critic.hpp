#pragma once
#include <cstdint>
#include <optional>
#include <type_traits>

#include <tessera/concepts/asked.hpp>
#include <tessera/concepts/critic.hpp>
#include <tessera/concepts/lookups.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
namespace lack {
/// std::int64_t members;  double polyak;  in `params`: how many networks, and the rate at which their copies follow
struct members_and_polyak_in_params {
  template <class C>
  static constexpr bool found = requires(const typename C::params& h) {
    h.members, h.polyak;
  };
};
}  // namespace lack

/// What critics have in common that are an ensemble of N networks Q_i(s, a), or Q_i(s, .) of all discrete actions: the
/// networks and their slowly moving copy, descended in stage::critic, and what others look up of them.  The deriving
/// part gives the loss.
struct EnsembleCritic {
  using role = role::critic_update;
  using asks = and_checks<critic_update_checks, checks<lack::net_and_adam_in_params, lack::members_and_polyak_in_params,
                                                       lack::run_in<stage::critic>, lack::run_in<stage::targets>>>;

  static constexpr bool sized_state = true;
  /// Lives between updates: the networks.
  template <class B>
  struct state {
    typename B::network net;

    template <class Problem, class Recipe>
    state(const auto& h, const Problem& on, Recipe)
        : net(on, "critic", h.net, h.adam, on.observation_size + (Recipe::discrete ? 0 : on.action_size), h.members,
              Recipe::discrete ? head_layout{on.action_size} : head_layout::value(), true) {}
    void each(auto&& f) { f("critic", net); }
  };

  template <class Step>
  static void run(stage::critic, const auto& h, Step& step) {
    auto& net = step.template state_of<critic>().net;
    // Where the targets follow with nothing between, one pass over the parameters does both.
    step.descend_by(stage::critic{}, [&step, &net, rate = h.polyak] {
      step.targets_moved = step.follows_directly(stage::targets{});
      if (step.targets_moved) net.apply_and_follow(rate);
      else net.apply();
    });
  }
  template <class Step>
  static void run(stage::targets, const auto& h, Step& step) {
    if (!step.targets_moved) step.template state_of<critic>().net.follow(h.polyak);
  }

  template <class Step, class Backend>
  struct lookups : in_step<Step, lookups<Step, Backend>> {
    using tensor = typename Backend::tensor;

    /// The rate at which target networks follow.
    double target_rate() { return this->template params_in<critic>().polyak; }
    /// Whether the critic's targets have moved with the critic in this update already.
    bool targets_moved = false;

    /// Q_i(s, a), (N, B), of actions (B, d), or (B) where they are discrete; (N, B, K) of K actions for each state,
    /// (B, K, d).  `where` is now, next, or states (B', n) that are not the batch's; `how` as in concepts/asked.hpp; of
    /// the first `members` alone, where a frozen critic is asked for so many.
    template <class Where, class How = decltype(as::trained)>
    tensor q(const Where& where, const tensor& a, How how = {}, std::int64_t members = 0) {
      [[maybe_unused]] gradient_guard<Backend, How> guard;
      if constexpr (Step::discrete) {
        static_assert(How::to != gradient::input, "no gradient reaches a discrete action: ask for Q as::fixed");
        return Backend::pick(q(where, every_action, how), a);
      } else if constexpr (How::to == gradient::input) {
        if (a.dim() == 3) return ask_many(how, net(), state(where), a, members).out;
        return ask(how, net(), state(where), a, members).out;
      } else {
        if (a.dim() == 3) return ask_many(how, net(), state(where), a).out;
        return ask(how, net(), state(where), a).out;
      }
    }
    /// The targets of some members alone, (M) indices: (M, B).
    template <class Where, class Action>
    tensor q_target_of(const tensor& members, const Where& where, const Action& a) {
      typename Backend::no_grad guard;
      if constexpr (std::is_same_v<Action, every_action_t>) return net().target_of(members, state(where)).out;
      else if constexpr (Step::discrete) return Backend::pick(q_target_of(members, where, every_action), a);
      else return net().target_of(members, state(where), a).out;
    }
    /// Q_i(s, a_D), (N, B); asked for twice, computed once.
    template <class How = decltype(as::trained)>
    tensor q(place where, logged_action_t, How how = {}) {
      if constexpr (detail::asks_trained<How>) {
        if (where == now) return kept(data_, [&] { return q(where, this->self().action(), how); });
      } else if constexpr (detail::asks_target<How>) {
        if (where == now) {
          if (!target_data_) target_data_ = q(where, this->self().action(), how);
          return *target_data_;
        }
      }
      return q(where, this->self().action(), how);
    }
    /// Discrete actions: every action's value, (N, B, A).
    template <class Where, class How = decltype(as::trained)>
      requires(Step::discrete)
    tensor q(const Where& where, every_action_t, How how = {}) {
      [[maybe_unused]] gradient_guard<Backend, How> guard;
      if constexpr (std::is_same_v<Where, place> && detail::asks_trained<How>)
        if (where == now) return kept(all_, [&] { return net().trained(state(where)).out; });
      return ask(how, net(), state(where)).out;
    }
    /// dQ_i/da (s, a), (N, B, d), itself differentiable in the critic's parameters.
    tensor q_action_gradient(place where, const tensor& a) { return net().action_gradient(state(where), a); }

   private:
    auto& net() { return this->template state_in<critic>().net; }
    template <class Where>
    const tensor& state(const Where& where) {
      return this->self().state(where);
    }
    // What was computed of the parameters as they are.
    const tensor& kept(std::optional<memo<tensor>>& of, auto compute) {
      const auto version = net().version();
      if (!of || of->version != version) of = memo<tensor>{version, compute()};
      return of->of;
    }
    std::optional<memo<tensor>> data_, all_;
    std::optional<tensor> target_data_;
  };
};
}  // namespace tessera
