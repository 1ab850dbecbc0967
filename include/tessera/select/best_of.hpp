#pragma once
#include <cstdint>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/chosen.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// The best of K actions drawn from the policy:  argmax_{a_k ~ pi(.|s)} min_i Q_i(s, a_k).
/// Source: Ghasemipour et al. 2021 (EMaQ); Kumar et al. 2019 (BEAR), which uses the first critic.
struct BestOf {
  using role = role::action_selection;
  struct params {
    std::int64_t samples = 10;

    static constexpr doc docs[] = {{"samples", "K, actions sampled for each state (BEAR: 10)", 1, 100000}};
  };
  using needs = all_of<need<policy, want::policy_that_samples>, need<policy, want::continuous_policy>,
                       need<critic, want::critic_of_actions>>;
  static constexpr const char* formula = "a = argmax_{a_k ~ pi(s)} min_i Q_i(s,a_k)";
  static constexpr const char* source = "Ghasemipour et al. 2021";

  template <class Step>
  static typename Step::tensor act(const params& h, Step& step) {
    const auto a = step.pi(now).samples(h.samples);  // (B, K, d)
    return math::chosen(a, typename Step::tensor(math::min(step.q(now, a, as::fixed)).argmax(-1)));
  }
};
static_assert(ActionSelection<BestOf>);
}  // namespace tessera
