#pragma once
#include <tessera/actor/boltzmann_weighted.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/value/exponential.hpp>

namespace tessera {
namespace recipes {
struct EqlDefaults : IqlDefaults {
  using IqlDefaults::on;
  static constexpr void on(Exponential::params& h) {
    h.net.init = initialization::orthogonal, h.net.layer_norm = true, h.net.norm_epsilon = 1e-6;
  }
  static constexpr void on(BoltzmannWeighted::params& h) { h.sharpness = 10.0; }
};
/// Exponential Q-learning (Xu et al. 2023): IQL with the value and weights of a KL regularizer; the weights are ten
/// times as sharp as the paper's, as in the authors' code.  The settings of their locomotion tasks; their maze tasks
/// have step sizes of 2e-4.  The value dropout in their settings is never active in their code, and not here.
/// Differs from the authors' code as Iql does.
struct Eql : Iql::with<value<Exponential>, actor<BoltzmannWeighted>, defaults<EqlDefaults>> {};
/// The same for discrete actions, at a constant step size.  Not in the paper.
struct DiscreteEql : Eql::with<policy<CategoricalPolicy>> {};
}  // namespace recipes
using Eql = learner<recipes::Eql>;
using DiscreteEql = learner<recipes::DiscreteEql>;
}  // namespace tessera
