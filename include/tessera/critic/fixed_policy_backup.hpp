#pragma once
#include <cstdint>

#include <tessera/critic/params.hpp>
#include <tessera/math/chosen.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/policy/fixed_policy.hpp>

namespace tessera {
/// Hyper-parameters that FixedPolicyBackup adds to those of every critic.
struct FixedPolicyBackupParams {
  double least = 0;
  double largest = 0;

  static constexpr doc docs[] = {
      {"least", "the least value that is possible, in the learner's rewards; `least` and `largest` equal: no bounds"},
      {"largest", "the largest"},
  };
};

/// Fitted Q evaluation, of a policy that is fixed:
///   minimize sum_i E (Q_i(s,a) - y)^2,   y = r + gamma m mean_i Qbar_i(s', a'),   a' ~ pi(.|s')
/// a' is one of the K actions that were drawn from pi at s', another in each batch.  Discrete actions: the expectation
/// is an exact sum,  y = r + gamma m sum_a' pi(a'|s') mean_i Qbar_i(s', a').  The mean of the critics is taken, and not
/// their least, which would bias the value down.  With bounds, the value at s' is clipped to [least, largest]: no
/// policy's value lies outside, and where the data have no actions like a' a network may say anything.  The target has
/// no gradient.
/// Source: Le, Voloshin, Yue 2019, algorithm 3.
/// Differs from the paper: target networks follow, in place of a regression to the end for each backup.
struct FixedPolicyBackup : OneStep<FixedPolicyBackup, joined<CriticParams, FixedPolicyBackupParams>> {
  using needs = all_of<need<policy, want::fixed_policy>>;
  using reads = columns<column::fixed_policy>;
  static constexpr const char* formula =
      "y = r + gamma m E_{a'~pi(s')} mean_i Qbar_i(s',a');  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Le, Voloshin, Yue 2019, algorithm 3";

  template <class Step>
  static typename Step::tensor next_value(const params& h, Step& step) {
    const auto v = unbounded(step);
    return h.least < h.largest ? v.clamp(h.least, h.largest) : v;
  }

 private:
  template <class Step>
  static typename Step::tensor unbounded(Step& step) {
    using T = typename Step::tensor;
    const T& pi = step.template column<column::fixed_policy>();
    if constexpr (Step::discrete) {
      return (pi * math::average(T(step.q(next, every_action, as::target)))).sum(-1);
    } else {
      const T all = pi.reshape({step.state(next).size(0), -1, step.action_size()});  // (B, K, d)
      const auto count = all.size(1);
      if (count == 1) return math::average(T(step.q(next, T(all.squeeze(1)), as::target)));
      const T u = step.draw(noise::uniform, 1, step.state(next)).squeeze(-1);
      const T k = Step::backend::whole((u * double(count)).floor().clamp_max(double(count - 1)));
      return math::average(T(step.q(next, math::chosen(all, k), as::target)));
    }
  }
};
static_assert(OneStepBackup<FixedPolicyBackup>);
}  // namespace tessera
