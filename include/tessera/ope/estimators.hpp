#pragma once
#include <string>
#include <vector>

#include <tessera/ope/bandit_dr.hpp>
#include <tessera/ope/clipped_is.hpp>
#include <tessera/ope/doubly_robust.hpp>
#include <tessera/ope/estimate.hpp>
#include <tessera/ope/fitted_q.hpp>
#include <tessera/ope/ips.hpp>
#include <tessera/ope/marginalized_dr.hpp>
#include <tessera/ope/marginalized_is.hpp>
#include <tessera/ope/per_decision_is.hpp>
#include <tessera/ope/snips.hpp>
#include <tessera/ope/switch_dr.hpp>
#include <tessera/ope/trajectory_is.hpp>
#include <tessera/ope/weighted_doubly_robust.hpp>
#include <tessera/ope/weighted_is.hpp>
#include <tessera/ope/weighted_per_decision_is.hpp>

namespace tessera::ope {
/// All of them.  A name on the command line is the `name` of one of these.
using all_estimators =
    list_of<FittedQ, TrajectoryIs, WeightedIs, PerDecisionIs, WeightedPerDecisionIs, ClippedIs, DoublyRobust,
            WeightedDoublyRobust, MarginalizedIs, MarginalizedDr, Ips, Snips, BanditDr, SwitchDr>;

/// Calls f.operator()<E>() for each of them.
template <class F>
void each_estimator(F&& f) {
  []<class... Es>(list_of<Es...>, auto& call) { (call.template operator()<Es>(), ...); }(all_estimators{}, f);
}

/// What an estimator is, for lists and messages.
struct EstimatorInfo {
  std::string name, formula, source;
  bool needs_ratios, needs_values, needs_weights;
  bool one_step;  ///< for logs of single decisions
};
std::vector<EstimatorInfo> estimators();
/// Their names: "fqe", "is", "wis", "pdis", "wpdis", "clipped-is", "dr", "wdr", "mis", "mdr", "ips", "snips",
/// "bandit-dr", "switch-dr".
std::vector<std::string> estimator_names();
/// The names of those that the log has everything for.
std::vector<std::string> suitable_estimators(const EvaluationLog& log);

/// An estimate by the name of its estimator, with the defaults of its hyper-parameters.  Throws an Error that names
/// them all, if there is none of that name, or says what the log lacks for it.
Estimate estimate(const std::string& name, const EvaluationLog& log, const IntervalOptions& options = {});
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/estimators.impl.hpp>
#endif
