#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/critic/params.hpp>

namespace tessera {
struct FixedTemperatureMaximizeQ;
namespace want {
struct actor_with_fixed_temperature {
  template <class T>
  static constexpr bool met = EntropyRegularized<T> && !RunsIn<T, stage::duals>;
  using remedy = try_<FixedTemperatureMaximizeQ>;
};
}  // namespace want

/// Hyper-parameter of LogBehaviorReward.
struct LogBehaviorParams {
  double log_floor = -10.0;

  static constexpr doc docs[] = {{"log_floor", "lower bound of the behavior's log-density, per action dimension"}};
};

/// A backup whose reward carries the KL divergence from the behavior:
///   r~ = r + alpha log b(a_D|s)
/// With a soft backup and actor at the same temperature alpha, Q~ = Q + alpha log b solves the problem of
/// value-penalized reverse KL: the actor's own objective need not name b, and the penalty reaches back from future
/// states.  alpha must stay fixed: it is the weight of the divergence.
/// Source: derived from alpha H(pi) + alpha E_pi log b = -alpha KL(pi || b); checked on finite problems in
/// tests/tabular.
template <class Backup>
struct LogBehaviorReward : Backup {
  using params = joined<typename Backup::params, LogBehaviorParams>;
  using needs =
      extended_needs<typename Backup::needs, need<critic, want::plain_backup_in<LogBehaviorReward, Backup>>,
                     need<actor, want::actor_with_fixed_temperature>, need<behavior, want::behavior_with_density>>;
  static constexpr const char* formula = "r~ = r + alpha log b(a_D|s), the rest as in the wrapped backup";
  static constexpr const char* source = "alpha H(pi) + alpha E_pi log b = -alpha KL(pi || b)";

  template <class Step>
  static typename Step::tensor reward(const params& h, Step& step) {
    const auto log_b =
        step.behavior_log_prob(now, step.action()).detach().clamp_min(h.log_floor * double(step.action_size()));
    return Backup::reward(h, step) + step.temperature() * log_b;
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return td_loss<LogBehaviorReward>(h, step);
  }
};
}  // namespace tessera
