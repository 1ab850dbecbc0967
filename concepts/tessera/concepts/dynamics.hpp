#pragma once
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

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

/// Logged transitions in the task's own units; discrete actions one-hot.
template <class T>
struct LoggedTransitions {
  T s, a, r, next, ended;  ///< (B, n), (B, d), (B), (B, n), (B) 1 where the task ends, else 0
  T known;                 ///< (B) 1, or 0 where s stands in for a next state that is not known
};

/// What a setting of a model that is learned counts for: so what must be the same wherever the trained model is used.
enum class counts_for {
  model,     ///< what it predicts: once it is trained, the setting is the model's
  learning,  ///< its training, and that by a part that goes on with it, which may have a setting of its own
  training,  ///< its training alone
  use        ///< nothing before it is used: it may be chosen anew each time
};

namespace detail {
struct symbolic_model {};
struct symbolic_fit {};
}  // namespace detail
namespace lack {
/// template <class B> struct state {...}: what it has learned, made of (params, problem), with `buffer<std::int64_t>
/// trained{0}`, `buffer<T> errors`, and all that is saved in `each`
struct state_of_a_backend {
  template <class D>
  static constexpr bool found = requires {
    typename D::template state<void>;
  };
};
/// double holdout;  std::int64_t holdout_rows, seed;  in `params`: what is held out of its training
struct holdout_in_params {
  template <class D>
  static constexpr bool found = requires(const typename D::params& h) {
    { h.holdout } -> std::convertible_to<double>;
    { h.holdout_rows } -> std::convertible_to<std::int64_t>;
    { h.seed } -> std::convertible_to<std::int64_t>;
  };
};
/// static void fit(const params& h, auto& model, auto& run)
struct fit_of_h_model_and_run {
  template <class D>
  static constexpr bool found = requires(const typename D::params& h, detail::symbolic_model& model,
                                         detail::symbolic_fit& run) {
    { D::fit(h, model, run) } -> std::same_as<void>;
  };
};
/// template <class T> static Prediction<T> predict(const params& h, const auto& model, const T& s, const T& a)
struct predict_that_returns_a_prediction {
  template <class D>
  static constexpr bool found = requires(const typename D::params& h, const detail::symbolic_model& model,
                                         const symbol& s, const symbol& a) {
    { D::predict(h, model, s, a) } -> std::same_as<Prediction<symbol>>;
  };
};
}  // namespace lack
using learned_dynamics_checks =
    and_checks<dynamics_model_checks, checks<lack::state_of_a_backend, lack::holdout_in_params,
                                             lack::fit_of_h_model_and_run, lack::predict_that_returns_a_prediction>>;
/// A model that is learned from logged transitions, by itself and before the policy: `fit_dynamics`, the dynamics file
/// and the command line ask for nothing else.
///   state<B>             what it has learned: networks and buffers, all listed in `each`; among them
///       trained          buffer<std::int64_t>, epochs of its training; 0: not trained yet
///       errors           buffer<T> (N), each member's validation error: mean squared, of standardized numbers
///   fit(h, model, run)   trains it; `run` is a `DynamicsFit` (<tessera/train/fit_dynamics.hpp>): the transitions to
///       learn from and those held out, random row numbers, and whom to tell of each epoch
///   predict(h, model, s, a)   for states (B, n) and actions (B, d) in the task's units what it is measured by: the
///       predictions (N', B, n + 1) of those members that a transition is drawn from; N' = 1 for a single model
/// And, where it has them:
///   spread(model)        {(n) deviations of the states, (n + 1) of the changes and the reward} that it was trained on;
///       else they are those of the transitions that it is measured on
///   settings_count_for(name)   of a field of `params`, "net.hidden": what it counts for; else all count for the model
/// Law: fit is deterministic in (data, params), and leaves trained > 0.
template <class D>
concept LearnedDynamics = HasAll<D, learned_dynamics_checks>;

namespace detail {
// Whether a part goes by a model inside it that is learned: it adds no state of its own, and leaves the training as it
// is.
template <class D, class Inner>
inline constexpr bool learns_as = false;
template <class D, class Inner>
  requires(LearnedDynamics<D>&& LearnedDynamics<Inner>)
inline constexpr bool learns_as<D, Inner> =
    std::is_same_v<typename D::template state<symbolic_backend>, typename Inner::template state<symbolic_backend>>;
template <class D, class Inner = wrapped_part<D>>
struct learned_in {
  using type = D;
};
template <class D, class Inner>
  requires learns_as<D, Inner>
struct learned_in<D, Inner> : learned_in<Inner> {
};
}  // namespace detail
/// The model that is trained where D fills the slot: D, or what it wraps; trained models are files of that one.
template <LearnedDynamics D>
using learned_model = typename detail::learned_in<D>::type;

/// What a setting of D counts for, by its name in `params`: "net.hidden".
template <LearnedDynamics D>
constexpr counts_for setting_counts_for(std::string_view name) {
  if constexpr (requires { D::settings_count_for(name); }) return D::settings_count_for(name);
  else return counts_for::model;
}

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
