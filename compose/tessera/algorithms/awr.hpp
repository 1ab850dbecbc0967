#pragma once
#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/value/return_regression.hpp>

namespace tessera {
namespace recipes {
struct AwrDefaults : no_parameters<role::default_values> {
  static constexpr void on(AdvantageWeighted::params& h) { h = {.beta = 1.0, .max_weight = 20.0}; }
};
/// Advantage-weighted regression (Peng et al. 2019).
/// Differs from the authors' code: fixed data; V and the policy alternate single steps, theirs take 500 steps of V,
/// then 1000 of the policy, and then recompute returns and advantages; advantages are standardized over the minibatch,
/// theirs over all data; V is in units of returns, theirs in returns times 1 - gamma, which is faster to learn if
/// returns are large; Adam at 3e-4, theirs momentum at 0.01 and 5e-5; log sigma is learned, theirs fixed; the mean is
/// bounded by tanh, theirs by a penalty; networks of 2x256, theirs of 128 and 64.
struct Awr : recipe<policy<GaussianPolicy>, value<ReturnRegression>, actor<AdvantageWeighted>, schedule<ValueFirst>,
                    defaults<AwrDefaults>> {};
/// The same for discrete actions.
struct DiscreteAwr : Awr::with<policy<CategoricalPolicy>> {};
}  // namespace recipes
using Awr = learner<recipes::Awr>;
using DiscreteAwr = learner<recipes::DiscreteAwr>;
}  // namespace tessera
