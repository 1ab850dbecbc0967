#pragma once
#include <cstdint>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/chosen.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/gumbel_draw.hpp>
#include <tessera/select/best_of.hpp>

namespace tessera {
/// One of K actions drawn from the policy, chosen at random by a softmax of their values:
///   p_k = exp(beta q_k) / sum_k exp(beta q_k),   q_k = min_i Qbar_i(s, a_k)
/// Source: Chen et al. 2023 (SfBC), equation 9.
struct SoftmaxOf {
  using role = role::action_selection;
  struct params {
    std::int64_t samples = 64;
    double beta = 10.0;

    static constexpr doc docs[] = {
        {"samples", "K, actions drawn for each state", 1, 100000},
        {"beta", "inverse temperature, per unit of (normalized) return; 0: plain sampling", 0},
    };
  };
  using needs = BestOf::needs;
  static constexpr const char* formula = "a_k ~ pi(s), k by weights exp(beta min_i Qbar_i(s,a_k))";
  static constexpr const char* source = "Chen et al. 2023, eq. 9";

  template <class Step>
  static typename Step::tensor act(const params& h, Step& step) {
    using T = typename Step::tensor;
    const T a = step.pi(now).samples(h.samples);  // (B, K, d)
    const T p = T(h.beta * math::min(step.q(now, a, as::target))).softmax(-1).clamp_min(1e-30);
    return math::chosen(a, T(math::gumbel_draw(T(p.log()), step.draw(noise::uniform, h.samples, p))));
  }
};
static_assert(ActionSelection<SoftmaxOf>);
}  // namespace tessera
