#pragma once
#include <tessera/algorithms/mopo.hpp>
#include <tessera/uncertainty/next_value_std.hpp>

namespace tessera {
namespace recipes {
/// Model-Bellman inconsistency (Sun et al. 2023).  Differs from the authors' code: targets are not clipped at zero.
struct Mobile : Mopo::with<uncertainty<NextValueStd>> {};
}  // namespace recipes
using Mobile = learner<recipes::Mobile>;
}  // namespace tessera
