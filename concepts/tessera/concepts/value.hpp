#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/columns.hpp>
#include <tessera/concepts/part.hpp>
#include <tessera/concepts/stages.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
namespace lack {
/// template <class Step> static typename Step::tensor estimate(const params& h, Step& step, place where)
struct estimate_that_returns_a_tensor {
  template <class V>
  static constexpr bool found = requires(const typename V::params& h, symbolic_step& step, place where) {
    { V::estimate(h, step, where) } -> std::same_as<symbol>;
  };
};
/// template <class Step> static typename Step::tensor advantage(const params& h, Step& step)
struct advantage_that_returns_a_tensor {
  template <class V>
  static constexpr bool found = requires(const typename V::params& h, symbolic_step& step) {
    { V::advantage(h, step) } -> std::same_as<symbol>;
  };
};
}  // namespace lack
using value_estimate_checks =
    part_checks<role::value_estimate, lack::estimate_that_returns_a_tensor, lack::advantage_that_returns_a_tensor>;
/// What the value V(s) of a state is, and with it the advantage A(s, a) of the logged action.
///   estimate(h, step, place)  V(s) or V(s'), (B), no gradient
///   advantage(h, step)        A(s, a_D), (B), no gradient
/// Law: the estimate is a statistic of Q over actions: it lies between the smallest and the largest Q, plus t H if it
/// includes an entropy bonus; or the same of returns.
template <class V>
concept ValueEstimate = HasAll<V, value_estimate_checks>;

using fitted_value_checks =
    and_checks<value_estimate_checks, checks<lack::net_and_adam_in_params, lack::loss_that_returns_terms>>;
/// A value estimate that is a network with a loss of its own: NetworkValue.
/// Law: the loss is zero in gradient exactly at the statistic it names (see math/).
template <class V>
concept FittedValue = HasAll<V, fitted_value_checks>;

/// A value that is a soft maximum of Q over the behavior's actions:  V = t log E_b exp(Q / t)
///   temperature(h)  t, a number
/// Law: t > 0.
template <class V>
concept SoftMaximumValue = ValueEstimate<V> && requires(const typename V::params& h) {
  { V::temperature(h) } -> std::convertible_to<double>;
};

/// A fitted value that regresses to returns, TD(lambda) ones, which come with the batch.
template <class V>
concept RegressesToReturns = FittedValue<V> && Reads<V, column::returns> && requires(const typename V::params& h) {
  { h.discount } -> std::convertible_to<double>;
  { h.lambda } -> std::convertible_to<double>;
};

/// A part that reads a slowly moving copy of the value.
template <class V>
concept UsesTargetValue = V::uses_target_value;
}  // namespace tessera
