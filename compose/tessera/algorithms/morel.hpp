#pragma once
#include <tessera/algorithms/mopo.hpp>
#include <tessera/uncertainty/halt_above.hpp>

namespace tessera {
namespace recipes {
struct MorelDefaults : MopoDefaults {
  using MopoDefaults::on;
  static constexpr void on(ModelAugmentedParams& h) { h.real_ratio = 0.5; }
};
/// MOReL's pessimistic model (Kidambi et al. 2020) under soft actor-critic.
/// Differs from the paper: observations are standardized; the planner is that of Mopo; half of a batch is logged
/// (theirs: none); the members are probabilistic, 7 of 4x200 (theirs: 4 of 2x512), and their disagreement is that of
/// their means; rollouts of 5 steps from logged states (theirs: of hundreds of steps from initial states); the reward
/// is learned, and in unknown regions it is HaltAbove's.
struct Morel : Mopo::with<uncertainty<HaltAbove<Disagreement>>, defaults<MorelDefaults>> {};
}  // namespace recipes
using Morel = learner<recipes::Morel>;
}  // namespace tessera
