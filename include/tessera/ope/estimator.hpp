#pragma once
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <tessera/concepts/checks.hpp>
#include <tessera/concepts/docs.hpp>
#include <tessera/concepts/part.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/ope/log.hpp>

namespace tessera::ope {
/// What an estimator may read of a log beside its rewards: the words of `needs`.
namespace given {
/// log pi(a|s) - log b(a|s) of each step
struct ratios {
  static constexpr const char* name = "ratios";
  static bool in(const EvaluationLog& log) { return log.has_ratios(); }
};
/// Qhat(s, a) and Vhat(s) of each step, and Vhat where an episode was truncated
struct values {
  static constexpr const char* name = "values";
  static bool in(const EvaluationLog& log) { return log.has_values(); }
};
/// d_pi(s, a) / d_b(s, a) of each step
struct weights {
  static constexpr const char* name = "weights";
  static bool in(const EvaluationLog& log) { return log.has_weights(); }
};
}  // namespace given

/// The numbers of episodes, drawn or all, each as often as it counts.
using Drawn = std::span<const std::size_t>;

/// What an estimator has made of a log: the numbers of each episode that its value is computed from, so that the value
/// over other episodes, as a bootstrap draws them, is cheap.
///   `episodes()`    how many the log has
///   `value(drawn)`  the estimate over these episodes; NaN where it is not defined over them (0 / 0)
///   `undefined`     why there is no estimate over all of them, in a line; empty where there is
///   `notes`         what whoever reads the estimate should know, a line each
template <class T>
concept EstimatorTerms = requires(const T& terms, Drawn drawn) {
  { terms.episodes() } -> std::same_as<std::size_t>;
  { terms.value(drawn) } -> std::same_as<double>;
  { terms.undefined } -> std::convertible_to<std::string>;
  { terms.notes } -> std::convertible_to<std::vector<std::string>>;
};

namespace lack {
/// static constexpr const char* name: what the command line calls it
struct name {
  template <class E>
  static constexpr bool found = requires {
    { E::name } -> std::convertible_to<const char*>;
  };
};
/// static constexpr const char* formula, source: of its value, and where it is published
struct formula_and_source {
  template <class E>
  static constexpr bool found = requires {
    { E::formula } -> std::convertible_to<const char*>;
    { E::source } -> std::convertible_to<const char*>;
  };
};
/// static constexpr bool one_step: whether it is for logs of single decisions
struct one_step {
  template <class E>
  static constexpr bool found = requires {
    { E::one_step } -> std::convertible_to<bool>;
  };
};
/// static T terms(const params& h, const EvaluationLog& log), with EstimatorTerms T
struct terms_of_a_log {
  template <class E>
  static constexpr bool found = requires(const typename E::params& h, const EvaluationLog& log) {
    { E::terms(h, log) } -> EstimatorTerms;
  };
};
}  // namespace lack
using estimator_checks = and_checks<
    checks<lack::name, tessera::lack::params, tessera::lack::needs, lack::formula_and_source, lack::one_step>,
    and_checks<docs_checks, checks<lack::terms_of_a_log>>>;

/// An estimator of a target policy's expected discounted return.  It holds no state: what it makes of a log is its
/// `terms`.
/// Laws: with pi = b the value is the mean of the logged returns, or Qhat's; the value over episodes drawn does not
/// depend on their order; equal logs give equal values.
template <class E>
concept Estimator = HasAll<E, estimator_checks>;

namespace detail {
template <class Need, class Needs>
inline constexpr bool is_listed = false;
template <class Need, class... Needs>
inline constexpr bool is_listed<Need, all_of<Needs...>> = (std::same_as<Need, Needs> || ...);
}  // namespace detail
/// Whether an estimator needs given::ratios, given::values or given::weights.
template <class E, class Need>
inline constexpr bool reads = detail::is_listed<Need, typename E::needs>;

/// Calls f(given) with each word of the estimator's needs.
template <class E, class F>
void each_need(F&& f) {
  []<class... Needs>(all_of<Needs...>, auto& call) { (call(Needs{}), ...); }(typename E::needs{}, f);
}

/// Whether the log has what the estimator reads, and the form that it is for.
template <Estimator E>
bool suits(const EvaluationLog& log) {
  bool all = !E::one_step || log.steps() == log.episodes();
  each_need<E>([&](auto need) { all = all && need.in(log); });
  return all;
}

/// Throws an Error that says what the log lacks for this estimator.
template <Estimator E>
void require_suits(const EvaluationLog& log) {
  each_need<E>([&](auto need) {
    if (!need.in(log))
      throw Error(std::string(E::name) + ": the log has no " + need.name + "; give them, or take an estimator without");
  });
  if (E::one_step && log.steps() != log.episodes())
    throw Error(std::string(E::name) + ": it is for logs of single decisions, and this one has " +
                std::to_string(log.steps()) + " steps in " + std::to_string(log.episodes()) +
                " episodes; take an estimator for several steps");
}

/// What each episode of a log contributes to an estimate: `E::terms`, after all checks, with a note where returns are
/// cut.
template <Estimator E>
auto terms_of(const EvaluationLog& log, const typename E::params& h = {}) {
  require_sound(log);
  require_suits<E>(log);
  auto terms = E::terms(h, log);
  if (const auto cut = log.cut(); cut > 0 && !reads<E, given::values>)
    terms.notes.push_back(std::to_string(cut) + " of " + std::to_string(log.episodes()) +
                          " episodes were truncated, and their returns are cut there");
  return terms;
}
}  // namespace tessera::ope
