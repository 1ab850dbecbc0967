#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/columns.hpp>
#include <tessera/concepts/part.hpp>
#include <tessera/concepts/spaces.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
/// What Q regresses to.  A critic owns its networks, takes the policy's action space, and brings the lookups `q(...)` of N action values
/// Q_i(s, a), (N, B): EnsembleCritic is N networks.
/// Law: on a finite problem with the exact representation its fixed point is the value it names.
template <class C>
concept CriticUpdate = Plays<C, role::critic_update> && requires(const typename C::params& h, symbolic_step& step) {
  { C::loss(h, step) } -> std::same_as<terms<symbol>>;
  { h.discount } -> std::convertible_to<double>;
  typename C::template lookups<symbolic_step, symbolic_backend>;
};

/// A critic update by a one-step target: what it regresses to is  reward + gamma m next_value.
///   reward(h, step)      (B), no gradient
///   next_value(h, step)  v(s'), (B), no gradient
/// Law: its loss is that of `math::td_target` of the two, so that a part may stand between.
template <class C>
concept OneStepBackup = CriticUpdate<C> && requires(const typename C::params& h, symbolic_step& step) {
  { h.huber } -> std::convertible_to<double>;  // where the loss of an error turns linear; 0: nowhere
  { C::reward(h, step) } -> std::same_as<symbol>;
  { C::next_value(h, step) } -> std::same_as<symbol>;
};

/// A backup of values of logged actions alone: no action of the policy is in its target.
template <class C>
concept InSample = C::in_sample;

/// A one-step backup of Q at one action of the policy:  next_value(h, step, next_action(h, step)).
template <class C>
concept ActionBackup = OneStepBackup<C> && requires(const typename C::params& h, symbolic_step& step, const symbol& action) {
  { C::next_action(h, step) } -> std::same_as<symbol>;
  { C::next_value(h, step, action) } -> std::same_as<symbol>;
};

/// A critic update with a term beside its target's, that presses on Q at other actions.  What wraps it presses too.
template <class C>
concept Presses = C::presses;

/// A part that reads a slowly moving copy of the policy.
template <class C>
concept UsesTargetPolicy = C::uses_target_policy;
}  // namespace tessera
