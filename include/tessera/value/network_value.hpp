#pragma once
#include <tessera/concepts/value.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// What values that are a network have in common:
///   A(s, a_D) = min_i Qbar_i(s, a_D) - V(s)
/// Neither V nor A has a gradient.  What the network is fitted to is the deriving part's `loss`.
struct NetworkValue {
  using role = role::value_estimate;
  using needs_ = needs<need<critic, want::critic_of_actions>>;

  template <class Step>
  static typename Step::tensor estimate(const auto&, Step& step, place where) {
    return step.v_fixed(where);
  }
  template <class Step>
  static typename Step::tensor advantage(const auto&, Step& step) {
    return step.q_target_data() - step.v_fixed(now);
  }
};
}  // namespace tessera
