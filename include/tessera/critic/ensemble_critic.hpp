#pragma once
#include <cstdint>
#include <optional>

#include <tessera/concepts/critic.hpp>
#include <tessera/concepts/lookups.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>

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

    /// Q_i(s, a), (N, B); the gradient reaches the critic's parameters and the action.
    tensor q(place where, const tensor& a) {
      if constexpr (Step::discrete) return Backend::pick(where == now ? q_all() : net().trained(state(where)).out, a);
      else return net().trained(state(where), a).out;
    }
    /// Q_i(s, a_D), (N, B), with gradient; asked for twice, computed once.
    const tensor& q_data() {
      const auto version = net().version();
      if (!data_ || data_->version != version) data_ = memo<tensor>{version, q(now, this->self().action())};
      return data_->of;
    }
    /// Q_i(s, a_k) of K actions for each state, (B, K, d) -> (N, B, K); the gradient reaches the critic's parameters.
    tensor q_many(place where, const tensor& a) { return net().trained_many(state(where), a).out; }
    tensor q_fixed_many(place where, const tensor& a) {
      typename Backend::no_grad guard;
      return net().fixed_many(state(where), a).out;
    }
    tensor q_target_many(place where, const tensor& a) {
      typename Backend::no_grad guard;
      return net().target_many(state(where), a).out;
    }
    /// dQ_i/da (s, a), (N, B, d), itself differentiable in the critic's parameters.
    tensor q_action_gradient(place where, const tensor& a) { return net().action_gradient(state(where), a); }
    /// Q_i(s, a), (N, B), or of the first `members` alone; parameters frozen, the gradient reaches the action alone.
    tensor q_frozen(place where, const tensor& a, std::int64_t members = 0) {
      return net().frozen(state(where), a, members).out;
    }
    /// The same of K actions for each state, (B, K, d) -> (N, B, K); the gradient reaches the actions alone.
    tensor q_frozen_many(place where, const tensor& a) { return net().frozen_many(state(where), a).out; }
    /// Q_i(s, a), (N, B), no gradient.
    tensor q_fixed(place where, const tensor& a) {
      typename Backend::no_grad guard;
      if constexpr (Step::discrete) return Backend::pick(net().fixed(state(where)).out, a);
      else return net().fixed(state(where), a).out;
    }
    /// Qbar_i(s, a), (N, B), no gradient.
    tensor q_target(place where, const tensor& a) { return q_target_at(state(where), a); }
    /// The same at states (B', n) that are not the batch's.
    tensor q_target_at(const tensor& states, const tensor& a) {
      typename Backend::no_grad guard;
      if constexpr (Step::discrete) return Backend::pick(net().target(states).out, a);
      else return net().target(states, a).out;
    }
    /// min_i Qbar_i(s, a_D), (B), no gradient.
    const tensor& q_target_data() {
      if (!target_data_) target_data_ = math::min(q_target(now, this->self().action()));
      return *target_data_;
    }

    /// Discrete actions: every action's value at s, (N, B, A), with gradient.
    const tensor& q_all() {
      const auto version = net().version();
      if (!all_ || all_->version != version) all_ = memo<tensor>{version, net().trained(state(now)).out};
      return all_->of;
    }
    // Discrete actions: every action's value, (N, B, A), no gradient.
    tensor q_fixed_all(place where) {
      typename Backend::no_grad guard;
      return net().fixed(state(where)).out;
    }
    tensor q_target_all(place where) {
      typename Backend::no_grad guard;
      return net().target(state(where)).out;
    }

   private:
    auto& net() { return this->template state_in<critic>().net; }
    const tensor& state(place where) { return this->self().state(where); }
    std::optional<memo<tensor>> data_, all_;
    std::optional<tensor> target_data_;
  };
};
}  // namespace tessera
