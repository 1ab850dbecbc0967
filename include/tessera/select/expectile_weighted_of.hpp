#pragma once
#include <cstdint>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/chosen.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/gumbel_draw.hpp>
#include <tessera/select/best_of.hpp>

namespace tessera {
/// One of K actions drawn from the policy, chosen at random by weights of their values q_k = min_i Qbar_i(s, a_k):
///   p_k = w_k / sum_k w_k,   w_k = tau where q_k > V(s), and 1 - tau elsewhere
/// which samples IQL's implicit policy, of expectile tau.
/// Source: Hansen-Estruch et al. 2023 (IDQL), equation 9 and authors' code.
struct ExpectileWeightedOf {
  using role = role::action_selection;
  struct params {
    std::int64_t samples = 64;
    double tau = 0.7;

    static constexpr doc docs[] = {
        {"samples", "K, actions drawn for each state (IDQL: 64)", 1, 100000},
        {"tau", "the value's expectile, in (0, 1)", above_zero, below_one},
    };
  };
  using needs = all_of<need<policy, want::policy_that_samples>, need<policy, want::continuous_policy>,
                       need<critic, want::critic_of_actions>, need<value, want::value_of_states>>;
  static constexpr const char* formula = "a_k ~ pi(s), k by weights tau where min_i Qbar_i(s,a_k) > V(s), else 1 - tau";
  static constexpr const char* source = "Hansen-Estruch et al. 2023, eq. 9";

  template <class Step>
  static typename Step::tensor act(const params& h, Step& step) {
    using T = typename Step::tensor;
    const T a = step.pi(now).samples(h.samples);  // (B, K, d)
    const T p = probabilities(h, math::min(step.q(now, a, as::target)), step.value(now));
    return math::chosen(a, T(math::gumbel_draw(T(p.log()), step.draw(noise::uniform, h.samples, p))));
  }
  /// p_k of values (B, K) against V (B).
  template <class T>
  static T probabilities(const params& h, const T& q, const T& v) {
    const T above = (q - v.unsqueeze(-1)).sign().clamp_min(0);
    const T w = (1 - h.tau) + (2 * h.tau - 1) * above;
    return w / w.sum(-1).unsqueeze(-1);
  }
};
static_assert(ActionSelection<ExpectileWeightedOf>);
}  // namespace tessera
