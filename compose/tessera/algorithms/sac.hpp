#pragma once
#include <tessera/actor/soft_maximize_q.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

namespace tessera {
namespace recipes {
/// Soft actor-critic with automatic temperature (Haarnoja et al. 2018b).
/// Differs from the paper: trains on logged data; observations are standardized; log sigma >= -5 (theirs: -20).
/// Differs from the authors' code: they add 1e-6 to the slope of tanh in the density, which is exact here.
struct Sac : recipe<policy<TanhGaussianPolicy>, critic<SoftBackup>, actor<SoftMaximizeQ>> {};
}  // namespace recipes
using Sac = learner<recipes::Sac>;
}  // namespace tessera
