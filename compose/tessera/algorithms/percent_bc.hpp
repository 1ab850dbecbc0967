#pragma once
#include <tessera/algorithms/bc.hpp>
#include <tessera/data/top_episodes.hpp>

namespace tessera {
namespace recipes {
/// %BC (Chen et al. 2021): behaviour cloning of the best tenth of the episodes, by return.
struct PercentBc : Bc::with<data<TopEpisodes>> {};
}  // namespace recipes
using PercentBc = learner<recipes::PercentBc>;
}  // namespace tessera
