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
/// Differs from the paper: the planner; the members are probabilistic, and disagree by their means; branches leave logged states.
struct Morel : Mopo::with<uncertainty<HaltAbove<Disagreement>>, defaults<MorelDefaults>> {};
}  // namespace recipes
using Morel = learner<recipes::Morel>;
}  // namespace tessera
