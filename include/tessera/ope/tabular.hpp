#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tessera/concepts/docs.hpp>
#include <tessera/ope/log.hpp>
#include <tessera/sources/tabular_log.hpp>
#include <tessera/support/error.hpp>
#include <tessera/tabular/evaluation.hpp>
#include <tessera/tabular/maximum_likelihood.hpp>
#include <tessera/tabular/value_iteration.hpp>

/// Off-policy evaluation on finite problems: everything that the estimators read, from logged steps among numbered
/// states.
namespace tessera::ope {
using tabular::Table;

namespace detail {
/// Throws an Error where a table is not of so many states and actions.
void require_table(const char* what, const Table& x, std::int64_t states, std::int64_t actions);

/// Throws an Error where a step is not among so many states and actions; `where` makes the words that it begins with.
template <class Where>
void require_inside(const tabular::Step& step, std::int64_t states, std::int64_t actions, Where&& where) {
  if (step.state < 0 || step.state >= states || step.next < 0 || step.next >= states || step.action < 0 ||
      step.action >= actions)
    throw Error(where() + " is from state " + std::to_string(step.state) + " by action " + std::to_string(step.action) +
                " to state " + std::to_string(step.next) + ", and the policy has " + std::to_string(states) +
                " states and " + std::to_string(actions) + " actions");
}
}  // namespace detail

/// The steps of some of a log's episodes, as a log.
tabular::Log part_of(const tabular::Log& log, std::span<const std::int64_t> episodes);
/// The episodes of part k of `parts`: those whose number is k modulo `parts`; or all others.
std::vector<std::int64_t> episodes_of_part(const tabular::Log& log, std::int64_t k, std::int64_t parts);
std::vector<std::int64_t> episodes_without_part(const tabular::Log& log, std::int64_t k, std::int64_t parts);

/// The behavior policy, counted with pseudo-counts:
///   b(a|s) = ( n(s, a) + alpha ) / ( n(s) + alpha A )
/// `alpha` unset: 1/A, one pseudo-count a state (Perks 1947).  With a positive alpha no logged action of another log
/// has probability 0.
Table counted_behavior(const Table& counts, double alpha = or_unset);

/// The model of a finite problem with a prior for what was seen rarely, or never: that an action leads where the log
/// went from its state, whatever was done there.
///   P(s'|s, a) = ( n(s, a, s') + kappa n(s, s') / n(s) ) / ( n(s, a) + kappa )
/// with the mean rewards of (s, a, s') and of (s, s') in the same proportions.  kappa is the prior's strength, in
/// steps; 0 is the maximum likelihood, where an action that was never seen ends the episode with reward 0.  A state
/// that was never left ends it in any case: the log knows nothing of it.
///
/// Why this prior.  Maximum likelihood values an unseen action 0, and a uniform prior over next states values it like a
/// random place: strong claims that no log makes, and a policy that takes such actions is judged by them.  That an
/// action is like the others in its state until steps say otherwise is the exchangeable choice (Lindley & Smith 1972).
/// Why kappa = 1, a prior that is worth one step (the unit information prior of Kass & Wasserman 1995).  The prior is
/// to say what was not seen, not to correct what was: a stronger one makes single values of actions more precise, but
/// its bias has one sign, toward the behavior policy's value, and the value of a policy adds it up over the steps,
/// where the noise of single values averages out.
tabular::Counted smoothed_model(std::int64_t states, std::int64_t actions, const tabular::Log& log, double discount,
                                double kappa = 1);

struct TabularOptions {
  double kappa = 1;         ///< the prior's strength in steps: see smoothed_model
  double alpha = or_unset;  ///< pseudo-counts of the counted behavior; unset: 1/A
  /// Of cross-fitting: what the steps of an episode are judged with is estimated from the other parts; 1: from all.
  std::int64_t parts = 2;
  std::optional<Table> behavior{};  ///< b(a|s), where it is known: it is not counted then
};

/// What is estimated from a log, whatever the target policy.
struct FittedModel {
  tabular::Counted counted;
  Table behavior;  ///< b(a|s), counted or known
};
FittedModel fit_model(std::int64_t states, std::int64_t actions, const tabular::Log& log, double discount,
                      const TabularOptions& options = {});

/// Q and V of a policy in a model, exactly, and how often it visits each pair there:
///   visits(s, a) = sum_t gamma^t Pr(s_t = s, a_t = a)
struct Evaluated {
  tabular::Values values;
  Table visits;
};
Evaluated evaluate_in(const tabular::FiniteMdp& model, const Table& policy);

/// w(s, a) = d_pi(s, a) / d_b(s, a) from both policies' visits in the same model; 0 where b does not come.
Table visit_ratios(const Table& visits, const Table& behavior_visits);

/// All that an estimator reads beside rewards, as functions of state and action.  What is left empty is not in the log
/// that is made with it.
struct Nuisances {
  Table behavior{};          ///< b(a|s), (S, A)
  tabular::Values values{};  ///< Vhat (S) and Qhat (S, A) of the target policy
  Table visit_ratio{};       ///< d_pi(s, a) / d_b(s, a), (S, A)
};
/// From a model: Q and V of the policy in it, the behavior, and the ratio of both policies' visits.  A state that the
/// model's log never left is taken for one like those that it did: V and Q are their mean by visits there, and both
/// policies come as often, so that the ratio is pi(a|s) / b(a|s).
Nuisances nuisances(const FittedModel& model, const Table& policy);

/// A log as estimators see it.  Episode i is judged by the nuisances with number i modulo how many there are.  An
/// episode whose last step did not end it was truncated there.
EvaluationLog evaluation_log(const tabular::Log& log, const Table& policy, double discount,
                             std::span<const Nuisances> of_part);

/// All of it: Qhat by the model with a prior, the behavior counted or known, and the ratios of visits, cross-fitted.
EvaluationLog fitted_log(std::int64_t states, const tabular::Log& log, const Table& policy, double discount,
                         const TabularOptions& options = {});
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/tabular.impl.hpp>
#endif
