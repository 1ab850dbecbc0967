#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// The base of constraints that are a divergence D at a state; `C` gives `at` and the name of its term:
///   weight * E D(s)
template <class C, class P>
struct WeightedDivergence {
  using role = role::behavior_constraint;
  using params = P;

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return weighted_loss(h, step, h.weight).loss;
  }
  /// The loss with a given weight, and E D(s).
  template <class Step, class Weight>
  static WeightedLoss<typename Step::tensor> weighted_loss(const params& h, Step& step, const Weight& weight) {
    const auto mean = C::at(h, step, now).mean();
    return {{C::term, weight * mean}, mean.detach()};
  }
  template <class Step>
  static double coefficient(const params& h, Step&) {
    return h.weight;
  }
};
}  // namespace tessera
