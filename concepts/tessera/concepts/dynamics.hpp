#pragma once
#include <concepts>

#include <tessera/concepts/part.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
/// What a model predicts for B states and actions, in the task's own units.
template <class T>
struct imagined {
  T next;      ///< (B, n)
  T reward;    ///< (B)
  T not_done;  ///< (B) 0 where the task ends there, 1 elsewhere
};

/// The predictions of N members for B states and actions: independent normals of [s', r], and the log-odds of the end.
template <class T>
struct Prediction {
  T means;  ///< (N, B, n + 1)
  T stds;   ///< (N, B, n + 1)
  T ended;  ///< (N, B) log-odds of the end; below 0 for a task that does not end
};

namespace lack {
/// template <class Step, class T> static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a)
struct imagine_that_returns_imagined {
  template <class D>
  static constexpr bool found = requires(const typename D::params& h, symbolic_step& step, const symbol& s,
                                         const symbol& a) {
    { D::imagine(h, step, s, a) } -> std::same_as<imagined<symbol>>;
  };
};
}  // namespace lack
using dynamics_model_checks = part_checks<role::dynamics_model, lack::imagine_that_returns_imagined>;
/// A model of the transitions.
///   imagine(h, step, s, a)  one step from each of B states (B, n) by actions (B, d), one-hot where they are discrete;
///       task's units
/// Law: equal noise gives equal transitions; row b depends on row b of the states and actions alone, and on the noise.
template <class D>
concept DynamicsModel = HasAll<D, dynamics_model_checks>;

/// A model that is an ensemble, whose disagreement measures its uncertainty.
///   members(h, step, s, a)              the predictions of all members
///   imagine(h, step, s, a, prediction)  as above, drawn from their predictions
/// Law: a transition is drawn from one of the elites' normals.
template <class D>
concept EnsembleDynamics = DynamicsModel<D> &&
    requires(const typename D::params& h, symbolic_step& step, const symbol& s, const symbol& a,
             const Prediction<symbol>& prediction) {
  { D::members(h, step, s, a) } -> std::same_as<Prediction<symbol>>;
  { D::imagine(h, step, s, a, prediction) } -> std::same_as<imagined<symbol>>;
  { h.elites } -> std::convertible_to<std::int64_t>;
};

/// A penalty for the model's uncertainty on imagined transitions.
///   penalize(h, step, prediction, x)  changes the rewards or the ends of imagined transitions; returns the
///       uncertainty, (B)
/// Law: where the members agree and predict no noise, nothing changes.
template <class U>
concept PenalizesTransitions = requires(const typename U::params& h, symbolic_step& step,
                                        const Prediction<symbol>& prediction, imagined<symbol>& x) {
  { U::penalize(h, step, prediction, x) } -> std::same_as<symbol>;
};
/// A penalty for the model's uncertainty in the targets of imagined transitions.
///   penalty(h, step)  (B), subtracted from the batch's rewards; 0 at logged transitions; no gradient
template <class U>
concept PenalizesTargets = requires(const typename U::params& h, symbolic_step& step) {
  { U::penalty(h, step) } -> std::same_as<symbol>;
};
namespace lack {
/// static T penalize(h, step, prediction, x)  or  static T penalty(h, step)  of tensors T, for a T
struct charge_or_penalty_that_returns_a_tensor {
  template <class U>
  static constexpr bool found = PenalizesTransitions<U> || PenalizesTargets<U>;
};
}  // namespace lack
using uncertainty_penalty_checks =
    part_checks<role::uncertainty_penalty, lack::charge_or_penalty_that_returns_a_tensor>;
template <class U>
concept UncertaintyPenalty = HasAll<U, uncertainty_penalty_checks>;

/// A penalty that is calibrated on the data first: `calibrate` gets all of them in pieces, the members' predictions and
/// the rewards in the task's units.
template <class U>
concept CalibratedPenalty = UncertaintyPenalty<U> &&
    requires(const typename U::params& h, symbolic_step& step, const Prediction<symbol>& prediction,
             const symbol& reward) {
  U::calibrate(h, step, prediction, reward);
};
}  // namespace tessera
