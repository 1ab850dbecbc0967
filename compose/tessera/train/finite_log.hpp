#pragma once
#include <cstdint>
#include <optional>

#include <tessera/dataset/dataset.hpp>
#include <tessera/ope/log.hpp>
#include <tessera/ope/tabular.hpp>
#include <tessera/train/target_policy.hpp>

namespace tessera::ope {
/// A data set of a finite problem, discrete actions among states that are one-hot vectors, as numbered states: state j
/// is the vector with 1 at j, and the one behind the last of them is where the task has ended.  Episodes to the first
/// end of the task.  Nothing where the data set is not such a one, or has more than `most_states` states, since tables
/// are solved with dense matrices.
std::optional<tabular::Log> finite_log(const Dataset& data, std::int64_t most_states = 2000);
/// pi(a|s) of a policy in these states, (S + 1, A), uniform where the task has ended.
Table policy_table(const TargetPolicy& policy);
/// The same log as estimators see it, everything by tables that are counted in it: Qhat, the behavior, and the ratio of
/// both policies' visits (`fitted_log` of one part).
EvaluationLog finite_evaluation_log(const tabular::Log& log, const TargetPolicy& policy, double discount);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/train/finite_log.impl.hpp>
#endif
