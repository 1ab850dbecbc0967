#pragma once
#include <tessera/algorithms/cql.hpp>
#include <tessera/critic/calibrated.hpp>

namespace tessera {
namespace recipes {
/// Calibrated Q-learning (Nakamoto et al. 2023): CQL whose penalty is silent where Q is below the log's own return,
/// made to be fine-tuned.
/// Differs from the paper: as Cql; no maximum over actions in the target; the weight is 5 for all tasks (adroit 1); two
/// hidden layers in the critics too (mazes: four); weights begin as CQL's (orthogonal).
struct CalQl : Cql::with<critic<Calibrated<SoftBackup>>> {};
}  // namespace recipes
using CalQl = learner<recipes::CalQl>;
}  // namespace tessera
