#pragma once
#include <tessera/compose/learner.hpp>

#include "symbolic_backend.hpp"

namespace archetypes {
/// The hyper-parameters of a recipe; a multiplier's target, which has no default, is any number.
template <class R>
tessera::params_of<R> any_settings() {
  tessera::params_of<R> p;
  if constexpr (requires { p.critic.target; }) p.critic.target = 1;
  if constexpr (requires { p.constraint.target; }) p.constraint.target = 1;
  return p;
}
/// Compiles, and runs, everything that a learner of recipe R consists of.  One that only judges a policy does not
/// act.
template <class R, bool acts = true>
void use() {
  const auto with = [](auto agent) {
    agent.update(symbolic_batch());
    if constexpr (acts) agent.act(Symbolic{});
  };
  using Learner = tessera::learner<R, SymbolicBackend>;
  if constexpr (tessera::Composable<R>) with(Learner{small_problem(), {}, any_settings<R>()});
  else with(Learner{small_problem(), {}});  // one error
}
}  // namespace archetypes
