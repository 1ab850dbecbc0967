#pragma once
#include <tessera/algorithms/iql.hpp>
#include <tessera/value/gumbel.hpp>

namespace tessera {
namespace recipes {
struct XqlDefaults : IqlDefaults {
  using IqlDefaults::on;
  static constexpr void on(Gumbel::params& h) {
    h.net.init = initialization::orthogonal, h.net.layer_norm = true, h.net.norm_epsilon = 1e-6;
    h.max_z = 7.0;
  }
  static constexpr void on(CriticParams& h) { IqlDefaults::on(h), h.huber = 20.0; }
};
/// Extreme Q-learning (Garg et al. 2023): IQL with a soft maximum for V.  The settings of the authors' runs that share
/// one setting across tasks; their tuned ones have batches of 1024, which is also their program's default, beta of 1 to
/// 10 and max_z of 5 to 7.
/// Differs from the authors' code as Iql does, and: no noise on the logged actions and no random actions in V's loss
/// (theirs: on three tasks); one step of V per update (theirs: 4 on one task).
struct Xql : Iql::with<value<Gumbel>, defaults<XqlDefaults>> {};
/// The same for discrete actions, at a constant step size.  Not in the paper.
struct DiscreteXql : Xql::with<policy<CategoricalPolicy>> {};
}  // namespace recipes
using Xql = learner<recipes::Xql>;
using DiscreteXql = learner<recipes::DiscreteXql>;
}  // namespace tessera
