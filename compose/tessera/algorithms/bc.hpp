#pragma once
#include <tessera/actor/behavior_cloning.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>

namespace tessera {
namespace recipes {
/// Behaviour cloning: maximum likelihood of the logged actions.  Of no paper in particular; observations are standardised.
struct Bc : recipe<policy<GaussianPolicy>, actor<BehaviourCloning>> {};
struct DiscreteBc : Bc::with<policy<CategoricalPolicy>> {};
}  // namespace recipes
using Bc = learner<recipes::Bc>;
using DiscreteBc = learner<recipes::DiscreteBc>;
}  // namespace tessera
