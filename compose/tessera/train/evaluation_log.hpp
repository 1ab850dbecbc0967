#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/ope/estimate.hpp>
#include <tessera/ope/log.hpp>
#include <tessera/train/fitted_q.hpp>
#include <tessera/train/target_policy.hpp>

namespace tessera::ope {
/// A data set as the estimators see it, for a policy that is judged: episodes to the first end of the task.
///   log_behavior   log b(a|s) of each transition (`logged_log_propensities`, or `BehaviorModel::log_propensities`);
///                  empty: the log has no ratios, and so where the policy has no density of the actions that it takes
///   value          the policy's value, for Qhat and Vhat; null: the log has none
EvaluationLog evaluation_log(const Dataset& data, const TargetPolicy& policy, double discount,
                             const std::vector<double>& log_behavior = {}, PolicyValue* value = nullptr);

/// What each of the value's networks says of the first states of a data set's episodes, (N, episodes).
at::Tensor first_values(const Dataset& data, PolicyValue& value);
/// The estimate "fqe" of a data set's log, where no other is asked for: only its first states are read.
Estimate fitted_estimate(const Dataset& data, PolicyValue& value, const IntervalOptions& options = {});

/// What fitted Q evaluation says where its networks are fitted anew, each time from other initial numbers, to a
/// resample of the episodes, of which the first states are taken: the spread of these values is that of first states
/// and of the fit together.
/// Source: Hao et al. 2021, "Bootstrapping Fitted Q-Evaluation for Off-Policy Inference", algorithm 1.
std::vector<double> refitted_values(const Dataset& data, const TargetPolicy& policy, const ValueOptions& options,
                                    std::int64_t refits);
/// An estimate of fitted Q evaluation with the interval that such values give it (`student_interval`).
Estimate with_refits(Estimate fqe, std::span<const double> refitted, double level = 0.95);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/train/evaluation_log.impl.hpp>
#endif
