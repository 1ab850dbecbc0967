#pragma once
#include <tessera/actor/sparse_weighted.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/value/sparse.hpp>

namespace tessera {
namespace recipes {
struct SqlDefaults : IqlDefaults {
  using IqlDefaults::on;
  static constexpr void on(Sparse::params& h) {
    h.net.init = initialization::orthogonal, h.net.layer_norm = true, h.net.norm_epsilon = 1e-6;
  }
};
/// Sparse Q-learning (Xu et al. 2023): IQL with the value and weights of a chi-square regularizer.  The settings of the
/// authors' locomotion tasks; their maze tasks have step sizes of 2e-4.  The value dropout in their settings is never
/// active in their code, and not here.
/// Differs from the authors' code as Iql does; from the closed form of the optimal policy, as they do: see
/// SparseWeighted.
struct Sql : Iql::with<value<Sparse>, actor<SparseWeighted>, defaults<SqlDefaults>> {};
/// The same for discrete actions, at a constant step size.  Not in the paper.
struct DiscreteSql : Sql::with<policy<CategoricalPolicy>> {};
}  // namespace recipes
using Sql = learner<recipes::Sql>;
using DiscreteSql = learner<recipes::DiscreteSql>;
}  // namespace tessera
