#pragma once
#include <tessera/math/chosen.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/select/best_of.hpp>

namespace tessera {
/// The best of K actions drawn from the policy, by the slowly moving copies of the critics:
///   argmax_{a_k ~ pi(.|s)} min_i Qbar_i(s, a_k)
/// Source: Hansen-Estruch et al. 2023 (IDQL), algorithm 2 and authors' code.
struct BestOfTarget {
  using role = role::action_selection;
  struct params {
    std::int64_t samples = 64;

    static constexpr doc docs[] = {{"samples", "K, actions drawn for each state (IDQL: 16, 64 or 256)", 1, 100000}};
  };
  using needs = BestOf::needs;
  static constexpr const char* formula = "a = argmax_{a_k ~ pi(s)} min_i Qbar_i(s,a_k)";
  static constexpr const char* source = "Hansen-Estruch et al. 2023, algorithm 2";

  template <class Step>
  static typename Step::tensor act(const params& h, Step& step) {
    const auto a = step.pi(now).samples(h.samples);  // (B, K, d)
    return math::chosen(a, typename Step::tensor(math::min(step.q(now, a, as::target)).argmax(-1)));
  }
};
static_assert(ActionSelection<BestOfTarget>);
}  // namespace tessera
