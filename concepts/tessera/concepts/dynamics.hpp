#pragma once
#include <concepts>

#include <tessera/concepts/part.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
/// What a model says happens after B states and actions, in the task's own units.
template <class T>
struct imagined {
  T next;      ///< (B, n)
  T reward;    ///< (B)
  T not_done;  ///< (B) 0 where the task ends there, 1 elsewhere
};

/// What N members say of the same: independent normals of [s', r], and how sure they are of the end.
template <class T>
struct forecast {
  T means;  ///< (N, B, n + 1)
  T stds;   ///< (N, B, n + 1)
  T ended;  ///< (N, B) log-odds; members of a model of a task that does not end say less than 0
};

namespace lack {
/// template <class Step, class T> static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a)
struct imagine_that_returns_imagined {
  template <class D>
  static constexpr bool found = requires(const typename D::params& h, symbolic_step& step, const symbol& s, const symbol& a) {
    { D::imagine(h, step, s, a) } -> std::same_as<imagined<symbol>>;
  };
};
}  // namespace lack
using dynamics_model_checks = part_checks<role::dynamics_model, lack::imagine_that_returns_imagined>;
/// What imagines transitions.
///   imagine(h, step, s, a)  one step from each of B states (B, n) by actions (B, d), one-hot where they are discrete; task's units
/// Law: equal noise gives equal transitions; row b depends on row b of the states and actions alone, and on the noise.
template <class D>
concept DynamicsModel = HasAll<D, dynamics_model_checks>;

/// A model that is an ensemble, so that its doubt can be measured.
///   members(h, step, s, a)        what all say
///   imagine(h, step, s, a, said)  as above, drawn from what they said
/// Law: a transition is drawn from one of the elites' normals.
template <class D>
concept EnsembleDynamics = DynamicsModel<D> &&
    requires(const typename D::params& h, symbolic_step& step, const symbol& s, const symbol& a, const forecast<symbol>& said) {
      { D::members(h, step, s, a) } -> std::same_as<forecast<symbol>>;
      { D::imagine(h, step, s, a, said) } -> std::same_as<imagined<symbol>>;
      { h.elites } -> std::convertible_to<std::int64_t>;
    };

/// How doubt about the model costs, where transitions are imagined.
///   charge(h, step, said, x)  changes imagined transitions: their rewards, or their end; (B) how much of it there was
/// Law: where the members agree without noise, nothing is changed.
template <class U>
concept ChargesTransitions = requires(const typename U::params& h, symbolic_step& step, const forecast<symbol>& said, imagined<symbol>& x) {
  { U::charge(h, step, said, x) } -> std::same_as<symbol>;
};
/// How doubt about the model costs, where a target is made of an imagined transition.
///   penalty(h, step)  (B) what is taken off the batch's rewards; 0 at logged transitions; no gradient
template <class U>
concept ChargesTargets = requires(const typename U::params& h, symbolic_step& step) {
  { U::penalty(h, step) } -> std::same_as<symbol>;
};
namespace lack {
/// static T charge(h, step, said, x)  or  static T penalty(h, step)  of tensors T, for a T
struct charge_or_penalty_that_returns_a_tensor { template <class U> static constexpr bool found = ChargesTransitions<U> || ChargesTargets<U>; };
}  // namespace lack
using uncertainty_penalty_checks = part_checks<role::uncertainty_penalty, lack::charge_or_penalty_that_returns_a_tensor>;
template <class U>
concept UncertaintyPenalty = HasAll<U, uncertainty_penalty_checks>;

/// A penalty that finds something out from the data first: `calibrate` sees them all, piece by piece, (s, a) and raw rewards
/// in the task's units with what the members say of them.
template <class U>
concept CalibratedPenalty = UncertaintyPenalty<U> && requires(const typename U::params& h, symbolic_step& step, const forecast<symbol>& said, const symbol& reward) {
  U::calibrate(h, step, said, reward);
};
}  // namespace tessera
