#pragma once
#include <tessera/math/chosen.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/select/best_of.hpp>

namespace tessera {
/// The best of K actions drawn from the policy, by the mean of the critics, and not their least:
///   argmax_{a_k ~ pi(.|s)} mean_i Q_i(s, a_k)
/// Source: Li et al. 2025 (Q-chunking), section 4 and authors' code (actor_type = best-of-n, q_agg = mean).
struct BestOfAverage {
  using role = role::action_selection;
  struct params {
    std::int64_t samples = 32;

    static constexpr doc docs[] = {{"samples", "K, actions drawn for each state (QC: 32)", 1, 100000}};
  };
  using needs = BestOf::needs;
  static constexpr const char* formula = "a = argmax_{a_k ~ pi(s)} mean_i Q_i(s,a_k)";
  static constexpr const char* source = "Li et al. 2025, section 4";

  template <class Step>
  static typename Step::tensor act(const params& h, Step& step) {
    using T = typename Step::tensor;
    const T a = step.pi(now).samples(h.samples);  // (B, K, d)
    return math::chosen(a, T(math::average(T(step.q(now, a, as::fixed))).argmax(-1)));
  }
};
static_assert(ActionSelection<BestOfAverage>);
}  // namespace tessera
