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
/// Advantage-weighted regression (Peng et al. 2019).  Differs from the paper: fixed data; Adam; learnt log sigma.
struct Awr : recipe<policy<GaussianPolicy>, value<ReturnRegression>, actor<AdvantageWeighted>, schedule<ValueFirst>, defaults<AwrDefaults>> {};
struct DiscreteAwr : Awr::with<policy<CategoricalPolicy>> {};
}  // namespace recipes
using Awr = learner<recipes::Awr>;
using DiscreteAwr = learner<recipes::DiscreteAwr>;
}  // namespace tessera
