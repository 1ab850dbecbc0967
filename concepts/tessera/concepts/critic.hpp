#pragma once
#include <concepts>

#include <tessera/concepts/part.hpp>
#include <tessera/concepts/spaces.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
/// What Q regresses to.  A critic update owns an ensemble of N action values Q_i(s, a).
/// Law: on a finite problem with the exact representation its fixed point is the value it names.
template <class C>
concept CriticUpdate = Plays<C, role::critic_update> && ActionSpace<typename C::space> &&
    requires(const typename C::params& h, symbolic_step& step) {
      h.net, h.adam;  // options of its networks and optimiser
      { C::loss(h, step) } -> std::same_as<terms<symbol>>;
      { h.discount } -> std::convertible_to<double>;
      { h.polyak } -> std::convertible_to<double>;
      { h.members } -> std::convertible_to<std::int64_t>;
    };

/// A critic update whose target reads a slowly moving copy of the policy.
template <class C>
concept UsesTargetPolicy = C::uses_target_policy;
}  // namespace tessera
