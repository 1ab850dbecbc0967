#pragma once
#include <tessera/actor/sparse_weighted.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/value/sparse.hpp>

namespace tessera {
namespace recipes {
struct SqlDefaults : IqlDefaults {
  using IqlDefaults::on;
  static constexpr void on(Sparse::params& h) { h.net.init = initialization::orthogonal, h.net.layer_norm = true; }
};
/// Sparse Q-learning (Xu et al. 2023): IQL with the value and weights of a chi-square cost.  Differs from the paper: no dropout.
struct Sql : Iql::with<value<Sparse>, actor<SparseWeighted>, defaults<SqlDefaults>> {};
struct DiscreteSql : Sql::with<policy<CategoricalPolicy>, critic<DiscreteValueBackup>> {};
}  // namespace recipes
using Sql = learner<recipes::Sql>;
using DiscreteSql = learner<recipes::DiscreteSql>;
}  // namespace tessera
