#pragma once
#include <tessera/compose/learner.hpp>

#include "symbolic_backend.hpp"

namespace archetypes {
/// Compiles, and runs, everything that a learner of recipe R consists of.
template <class R>
void use() {
  tessera::learner<R, SymbolicBackend> agent{small_problem(), {}};
  agent.update(symbolic_batch());
  agent.act(Symbolic{});
}
}  // namespace archetypes
