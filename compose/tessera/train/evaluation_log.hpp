#pragma once
#include <vector>

#include <tessera/dataset/dataset.hpp>
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
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/train/evaluation_log.impl.hpp>
#endif
