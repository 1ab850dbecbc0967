#pragma once
#include <tessera/actor/soft_maximize_q.hpp>

namespace tessera {
/// SoftMaximizeQ with the mean of all members in place of their minimum:
///   minimize E alpha log pi(a_pi|s) - 1/N sum_i Q_i(s, a_pi),   a_pi ~ pi(.|s) reparameterized
///   temperature: as SoftMaximizeQ
/// Source: Chen et al. 2021 (REDQ), algorithm 1, line 10; Ball et al. 2023 (RLPD), algorithm 1.
struct SoftMaximizeMeanQ : SoftMaximizeQ {
  static constexpr const char* formula =
      "E alpha log pi(a_pi|s) - mean_i Q_i(s,a_pi);  alpha: -log alpha (E log pi + H)";
  static constexpr const char* source = "Chen et al. 2021, algorithm 1";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return objective(h, step, [](const auto& q) { return math::average(q); });
  }
};
static_assert(EntropyRegularized<SoftMaximizeMeanQ> && RunsIn<SoftMaximizeMeanQ, stage::duals>);
}  // namespace tessera
