#pragma once
#include <cstdint>

#include <tessera/concepts/generative.hpp>
#include <tessera/critic/soft_backup.hpp>

namespace tessera {
namespace want {
/// One that also finds the noise of a logged action.
struct behavior_that_reverses {
  template <class T>
  static constexpr bool met = ReversibleBehavior<T>;
  using remedy = try_<Generator<FlowPolicy>>;
};
}  // namespace want

/// Soft backup of a critic of noise: SAC in the noise of a generator G, which is a part of the environment.
///   y = r + gamma m (min_i Qbar_i(s', w') - alpha log pi(w'|s')),   w' ~ pi(.|s')
///   minimize sum_i E (Q_i(s, w_D) - y)^2,   G(s, w_D) = a_D
/// w_D is the noise of the logged action, found by undoing the generator's steps; it may be outside of the policy's
/// box.  The target has no gradient.  Q of an action is that of its noise, without gradient to the action.
/// Source: Wagenmaker et al. 2025 (DSRL), section 4.1 (DSRL-SAC).
/// Differs from the paper: there the replay holds the noise of its own actions; here it is found again, so that a log
/// whose actions another policy took has it too.  Differs from the authors' code: the critic sees w (theirs: w / b).
struct LatentSoftBackup : OneStep<LatentSoftBackup, joined<CriticParams, SoftBackupParams>> {
  using needs = all_of<need<policy, want::policy_in_noise>, need<behavior, want::behavior_that_reverses>,
                       need<actor, want::actor_with_temperature>>;
  static constexpr bool values_noise = true;
  static constexpr const char* formula =
      "y = r + gamma m E_{w'~pi(s')} (min_i Qbar_i(s',w') - alpha log pi(w'|s'));  sum_i E (Q_i(s,w_D) - y)^2, "
      "G(s,w_D) = a_D";
  static constexpr const char* source = "Wagenmaker et al. 2025, section 4.1";

  template <class Step>
  static typename Step::tensor next_value(const params& h, Step& step) {
    const auto [w, log_pi] = step.pi(next).latent_with_log_prob();
    const auto q = math::min(step.noise_q(next, w, as::target));
    if (!h.entropy) return q;
    return q - step.temperature() * log_pi;
  }

  template <class Step, class Backend>
  struct lookups : EnsembleCritic::lookups<Step, Backend> {
    using of_noise = EnsembleCritic::lookups<Step, Backend>;
    using tensor = typename Backend::tensor;

    /// Q_i(s, w), (N, B), of noise (B, d); (N, B, K) of (B, K, d).
    template <class Where, class How = decltype(as::trained)>
    tensor noise_q(const Where& where, const tensor& w, How how = {}) {
      return of_noise::q(where, w, how);
    }
    /// The same of the noise of actions.
    template <class Where, class How = decltype(as::trained)>
    tensor q(const Where& where, const tensor& a, How how = {}) {
      static_assert(How::to != gradient::input,
                    "the critic values noise, and an action's has no gradient: an actor climbs  step.noise_q(now, w, "
                    "as::frozen)");
      using M = typename Step::template part<behavior>;
      const tensor w = M::noise_of(this->template params_in<behavior>(), this->self(), this->self().state(where), a);
      return of_noise::q(where, w, how);
    }
    template <class How = decltype(as::trained)>
    tensor q(place where, logged_action_t, How how = {}) {
      return q(where, this->self().action(), how);
    }
    // Of actions there are none.
    template <class Where>
    tensor q_target_of(const tensor&, const Where&, const tensor&) = delete;
    tensor q_action_gradient(place, const tensor&) = delete;
  };
};
static_assert(OneStepBackup<LatentSoftBackup> && ValuesNoise<LatentSoftBackup>);
}  // namespace tessera
