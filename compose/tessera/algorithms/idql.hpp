#pragma once
#include <tessera/algorithms/diffusion_bc.hpp>
#include <tessera/critic/value_backup.hpp>
#include <tessera/select/best_of_target.hpp>
#include <tessera/select/expectile_weighted_of.hpp>
#include <tessera/value/expectile.hpp>

namespace tessera {
namespace recipes {
/// Implicit diffusion Q-learning (Hansen-Estruch et al. 2023): a diffusion of the behavior, IQL's critics, and the best
/// of 64 of the diffusion's actions.
/// Differs from the authors' code: no dropout (theirs: 0.1 in the diffusion); weights start uniform as in PyTorch; the
/// diffusion's step size decays over the run (theirs: 3 000 000 updates); the critics' losses are added up, not
/// averaged, which Adam takes for the same; batch 256 unless asked (512).
struct Idql : DiffusionBc::with<critic<ValueBackup>, value<Expectile>, select<BestOfTarget>, schedule<ActorFirst>> {};
/// The same, acting by the implicit policy: one of 64 actions, at random by the expectile's weights.
struct IdqlImplicit : Idql::with<select<ExpectileWeightedOf>> {};
}  // namespace recipes
using Idql = learner<recipes::Idql>;
using IdqlImplicit = learner<recipes::IdqlImplicit>;
}  // namespace tessera
