#pragma once
#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/value_backup.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/value/quantile.hpp>

namespace tessera {
namespace recipes {
/// The settings of the paper's locomotion tasks.
struct IqlDefaults : no_parameters<role::default_values> {
  static constexpr void on(GaussianParams& h) {
    h.net.init = initialization::orthogonal, h.adam.cosine_steps = of_the_run;
  }
  static constexpr void on(CategoricalPolicy::params& h) { h.net.init = initialization::orthogonal; }
  static constexpr void on(CriticParams& h) { h.net.init = initialization::orthogonal; }
  static constexpr void on(Expectile::params& h) { h.net.init = initialization::orthogonal; }
  static constexpr void on(OfflineParams& h) { h = {.standardize = false, .reward = reward_transform::return_range}; }
};
/// Implicit Q-learning (Kostrikov et al. 2021).  The policy's step size decays over the run.
/// Differs from the authors' code: no dropout (theirs: Adroit, kitchen); logged actions are not clipped to +-(1 -
/// 1e-5), and if the task is not known, their own smallest and largest are the bounds, not the task's; a transition cut
/// by a time limit is used if its s' is known.
struct Iql : recipe<policy<GaussianPolicy>, critic<ValueBackup>, value<Expectile>, actor<AdvantageWeighted>,
                    schedule<ValueFirst>, defaults<IqlDefaults>> {};
/// The same with a quantile in place of the expectile (Hansen-Estruch et al. 2023).  Differs from the paper: the policy
/// is IQL's, a Gaussian fitted with weights exp(beta A); theirs is a diffusion model whose samples are resampled with
/// weights |tau - 1[A < 0]| / |A|.
struct IqlQuantile : Iql::with<value<Quantile>> {};
/// The same for discrete actions, at a constant step size.  Not in the paper.
struct DiscreteIql : Iql::with<policy<CategoricalPolicy>> {};
}  // namespace recipes
using Iql = learner<recipes::Iql>;
using IqlQuantile = learner<recipes::IqlQuantile>;
using DiscreteIql = learner<recipes::DiscreteIql>;
}  // namespace tessera
