#pragma once
#include <tessera/actor/behavior_cloning.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>

namespace tessera {
namespace recipes {
/// Behavior cloning: maximum likelihood of the logged actions.  Not from a particular paper; observations are
/// standardized.
struct Bc : recipe<policy<GaussianPolicy>, actor<BehaviorCloning>> {};
struct DiscreteBc : Bc::with<policy<CategoricalPolicy>> {};
}  // namespace recipes
using Bc = learner<recipes::Bc>;
using DiscreteBc = learner<recipes::DiscreteBc>;
}  // namespace tessera
