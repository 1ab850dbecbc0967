#pragma once
#include <tessera/algorithms/iql.hpp>
#include <tessera/value/gumbel.hpp>

namespace tessera {
namespace recipes {
struct XqlDefaults : IqlDefaults {
  using IqlDefaults::on;
  static constexpr void on(Gumbel::params& h) { h.net.init = initialization::orthogonal, h.net.layer_norm = true; }
};
/// Extreme Q-learning (Garg et al. 2023): IQL with a soft maximum for V.  Differs from the paper: squared in place of Huber
/// critic loss; the Gumbel loss is bounded, not rescaled.
struct Xql : Iql::with<value<Gumbel>, defaults<XqlDefaults>> {};
struct DiscreteXql : Xql::with<policy<CategoricalPolicy>, critic<DiscreteValueBackup>> {};
}  // namespace recipes
using Xql = learner<recipes::Xql>;
using DiscreteXql = learner<recipes::DiscreteXql>;
}  // namespace tessera
