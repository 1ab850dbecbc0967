#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/columns.hpp>
#include <tessera/concepts/part.hpp>
#include <tessera/concepts/spaces.hpp>
#include <tessera/concepts/stages.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
namespace lack {
/// double discount in `params`: gamma
struct discount_in_params {
  template <class C>
  static constexpr bool found = requires(const typename C::params& h) {
    { h.discount } -> std::convertible_to<double>;
  };
};
/// template <class Step, class Backend> struct lookups: what parts may look up, such as q(...) of a critic
struct lookups {
  template <class C>
  static constexpr bool found = requires {
    typename C::template lookups<symbolic_step, symbolic_backend>;
  };
};
}  // namespace lack
using critic_update_checks =
    part_checks<role::critic_update, lack::lookups, lack::discount_in_params, lack::loss_that_returns_terms>;
/// What Q regresses to.  A critic owns its networks, takes the policy's action space, and brings the lookups `q(...)`
/// of N action values Q_i(s, a), (N, B): EnsembleCritic is N networks.
/// Law: on a finite problem with the exact representation its fixed point is the value it names.
template <class C>
concept CriticUpdate = HasAll<C, critic_update_checks>;

/// A critic update with a one-step target, reward + gamma m next_value.
///   reward(h, step)      (B), no gradient
///   next_value(h, step)  v(s'), (B), no gradient
/// Law: its loss is that of `math::td_target` of the two, so that a part may stand between.
template <class C>
concept OneStepBackup = CriticUpdate<C> && requires(const typename C::params& h, symbolic_step& step) {
  { h.huber } -> std::convertible_to<double>;  // where the loss of an error turns linear; 0: nowhere
  { C::reward(h, step) } -> std::same_as<symbol>;
  { C::next_value(h, step) } -> std::same_as<symbol>;
};

/// A backup whose target uses logged actions alone, and no action of the policy.
template <class C>
concept InSample = C::in_sample;

/// A one-step backup of Q at one action of the policy:  next_value(h, step, next_action(h, step)).
template <class C>
concept ActionBackup = OneStepBackup<C> &&
    requires(const typename C::params& h, symbolic_step& step, const symbol& action) {
  { C::next_action(h, step) } -> std::same_as<symbol>;
  { C::next_value(h, step, action) } -> std::same_as<symbol>;
};

/// A critic update whose loss has a term in addition to the regression to the target: a penalty on Q at other actions.
/// A part that wraps one adds a penalty too.
template <class C>
concept AddsPenalty = C::adds_penalty;

/// A part that reads a slowly moving copy of the policy.
template <class C>
concept UsesTargetPolicy = C::uses_target_policy;
}  // namespace tessera
