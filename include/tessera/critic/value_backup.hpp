#pragma once
#include <tessera/critic/params.hpp>

namespace tessera {
/// Backup of a state value:
///   y = r + gamma m V(s');   minimise sum_i E (Q_i(s,a) - y)^2
/// No action is sampled.  V is as the value slot has it, after this step's update of it.
/// Source: Kostrikov et al. 2021 (IQL), equation 6.
struct ValueBackup {
  using role = role::critic_update;
  using space = Continuous;
  using params = CriticParams;
  using needs_ = needs<agree<policy, critic, want::same_action_space>, need<value, want::value_of_states>>;
  static constexpr const char* formula = "y = r + gamma m V(s');  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Kostrikov et al. 2021, eq. 6";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto y = math::td_target(step.reward(), h.discount, step.not_done(), step.value(next));
    return {"critic/td", math::squared_td(step.q(now, step.action()), y)};
  }
};
static_assert(CriticUpdate<ValueBackup>);

/// The same for discrete actions: Q has one output per action.
struct DiscreteValueBackup : ValueBackup {
  using space = Discrete;
};
static_assert(CriticUpdate<DiscreteValueBackup>);
}  // namespace tessera
