#pragma once
#include <tessera/algorithms/bc.hpp>
#include <tessera/data/top_episodes.hpp>

namespace tessera {
namespace recipes {
/// %BC (Chen et al. 2021): behavior cloning of the best episodes by return, a tenth of the time steps.
/// Differs from the paper: the likelihood of a Gaussian given one state, in place of the squared error of a network
/// that sees several.  CORL's keeps a tenth of the episodes, ranked by the return discounted by 0.99.
struct PercentBc : Bc::with<data<TopEpisodes>> {};
}  // namespace recipes
using PercentBc = learner<recipes::PercentBc>;
}  // namespace tessera
