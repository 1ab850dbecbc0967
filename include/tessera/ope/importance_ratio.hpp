#pragma once
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/checks.hpp>
#include <tessera/concepts/policy.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/support/error.hpp>

namespace tessera::ope {
struct FittedQ;

/// The behavior policy by the propensities that were logged.
struct LoggedPropensities {
  static constexpr bool has_density = true;
};
/// A policy over numbered states as a table of probabilities, given or counted.
struct ProbabilityTable {
  static constexpr bool has_density = true;
};

/// What knows log p(a|s) of a given action, and so can be one side of an importance ratio: a policy or a behavior model
/// with a density, or what says so itself (`has_density`).
/// A deterministic policy over continuous actions is none: the ratio of every logged action is 0.
template <class P>
concept HasDensity = LogDensityPolicy<P> || BehaviorDensity<P> || requires {
  requires P::has_density;
};

namespace lack {
/// #include <...>: the header that defines it
struct its_header {
  template <class P>
  static constexpr bool found = requires {
    sizeof(P);
  };
};
/// log_prob(action) at the states of a batch: the log-density of an action that is given
struct log_prob_of_a_given_action {
  template <class P>
  static constexpr bool found = HasDensity<P>;
};
}  // namespace lack
using density_checks = checks<lack::its_header, lack::log_prob_of_a_given_action>;

// What is said where a ratio is asked for of what has no density.  FittedQ needs none: it asks for samples of the
// target policy alone.
struct a_side_of_importance_ratios {
  using checks = density_checks;
};
template <class... Sentence>
struct importance_ratio_error;
namespace detail {
template <class P, class Lacking = first_lack<P, density_checks>>
struct must_have_density {
  struct loud
      : importance_ratio_error<component<P>, lacks<Lacking>, to_be<a_side_of_importance_ratios>, try_<FittedQ>> {};
  static constexpr auto size = sizeof(loud);
};
template <class P>
struct must_have_density<P, void> {
  static constexpr std::size_t size = 1;
};
}  // namespace detail

/// The ratio of two policies' probabilities, or densities in the same units, of a logged action:
///   log rho = log pi(a|s) - log b(a|s)
/// For a policy without a density it is one error, which says what is missing.
template <class Target, class Behavior>
struct importance_ratio {
  static_assert(detail::must_have_density<Target>::size > 0);
  static double log(double, double);  // nowhere defined: so that what follows is no second error
};
template <HasDensity Target, class Behavior>
  requires(!HasDensity<Behavior>)
struct importance_ratio<Target, Behavior> {
  static_assert(detail::must_have_density<Behavior>::size > 0);
  static double log(double, double);
};
template <HasDensity Target, HasDensity Behavior>
struct importance_ratio<Target, Behavior> {
  /// -infinity where pi(a|s) = 0.  An Error where b(a|s) = 0, since that action was logged, or a number is not one.
  static double log(double log_pi, double log_b) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (std::isnan(log_pi) || log_pi == infinity || !std::isfinite(log_b))
      throw Error("an importance ratio: log pi = " + std::to_string(log_pi) + ", log b = " + std::to_string(log_b) +
                  "; a logged action has a positive probability under the behavior policy");
    return log_pi - log_b;
  }
};
}  // namespace tessera::ope
