#pragma once
#include <cstdint>

#include <tessera/concepts/generative.hpp>
#include <tessera/concepts/noise_critic.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/policy/generative_policy.hpp>

namespace tessera {
/// Hyper-parameter that NoiseAliasedBackup adds to those of SoftBackup.
struct NoiseAliasedParams {
  std::int64_t noise_steps = 1;

  static constexpr doc docs[] = {
      {"noise_steps", "gradient steps of the critic of noise in each update (DSRL: 10 for each 20 of the critic)", 1,
       1000},
  };
};

/// Two critics, one of actions, Q, and one of the noise w of a generator G, Q^W, which is fitted to the other:
///   y = r + gamma m (min_i Qbar_i(s', G(s', w')) - alpha log pi(w'|s')),   w' ~ pi(.|s')
///   minimize sum_i E (Q_i(s, a_D) - y)^2
///   minimize sum_j E (Q^W_j(s, w) - min_i Q_i(s, G(s, w)))^2,   w ~ N(0, I),   in stage::noise_critic
/// Many values of noise become nearly the same action, and all learn from what one of them has seen; the log needs no
/// noise.  Neither target has a gradient, and none goes through the generator.  Q^W has the network, the optimizer's
/// settings and the members of Q.
/// Source: Wagenmaker et al. 2025 (DSRL), algorithm 1 (DSRL-NA) and authors' code.
/// Differs from the authors' code: each Q^W_j is fitted to the least of the Q_i (theirs: to Q_j; the actor climbs the
/// least Q^W_j, which is the same where the fit is exact), and sees w (theirs: w / b).
struct NoiseAliasedBackup
    : OneStep<NoiseAliasedBackup, joined<joined<CriticParams, SoftBackupParams>, NoiseAliasedParams>> {
  using needs = all_of<need<policy, want::policy_in_noise>, need<behavior, want::behavior_that_generates>,
                       need<actor, want::actor_with_temperature>>;
  static constexpr bool values_noise = true;
  static constexpr const char* formula =
      "y = r + gamma m E_{w'~pi(s')} (min_i Qbar_i(s',G(s',w')) - alpha log pi(w'|s'));  sum_i E (Q_i(s,a_D) - y)^2;  "
      "sum_j E (Q^W_j(s,w) - min_i Q_i(s,G(s,w)))^2, w ~ N(0,1)";
  static constexpr const char* source = "Wagenmaker et al. 2025, algorithm 1";

  /// Lives between updates: the networks of both critics.
  template <class B>
  struct state : EnsembleCritic::state<B> {
    typename B::network noise;

    template <class Problem, class Recipe>
    state(const params& h, const Problem& on, Recipe all)
        : EnsembleCritic::state<B>(h, on, all),
          noise(on, "noise_critic", h.net, h.adam, on.observation_size + on.action_size, h.members,
                head_layout::value(), false) {}
    void each(auto&& f) {
      EnsembleCritic::state<B>::each(f);
      f("noise_critic", noise);
    }
  };

  template <class Step>
  static typename Step::tensor next_value(const params& h, Step& step) {
    const auto pi = step.pi(next);
    const auto [w, log_pi] = pi.latent_with_log_prob();
    const auto q = math::min(step.q(next, pi.action_of(w), as::target));
    if (!h.entropy) return q;
    return q - step.temperature() * log_pi;
  }

  template <class Step>
  static terms<typename Step::tensor> adds(stage::noise_critic, const params&, Step& step) {
    using M = typename Step::template part<behavior>;
    const auto w = detail::latent(step, step.state(now));
    const auto a = M::generate(step.template params_of_slot<behavior>(), step, step.state(now), w);
    const auto q = math::min(step.q(now, a, as::fixed));
    return {"critic/noise", math::squared_td(step.noise_q(now, w), q)};
  }
  using EnsembleCritic::run;
  template <class Step>
  static void run(stage::noise_critic at, const params& h, Step& step) {
    step.repeat_on_fresh_data(h.noise_steps, [at](auto& s) { s.descend(at, s.template state_of<critic>().noise); });
  }

  template <class Step, class Backend>
  struct lookups : EnsembleCritic::lookups<Step, Backend> {
    using tensor = typename Backend::tensor;

    /// Q^W_j(s, w), (N, B), of noise (B, d); (N, B, K) of (B, K, d).
    template <class Where, class How = decltype(as::trained)>
    tensor noise_q(const Where& where, const tensor& w, How how = {}) {
      static_assert(!detail::asks_target<How>, "the critic of noise has no slowly moving copy: ask for it as::fixed");
      [[maybe_unused]] gradient_guard<Backend, How> guard;
      auto& net = this->template state_in<critic>().noise;
      const tensor& states = this->self().state(where);
      if (w.dim() == 3) return ask_many(how, net, states, w).out;
      return ask(how, net, states, w).out;
    }
  };
};
static_assert(OneStepBackup<NoiseAliasedBackup> && ValuesNoise<NoiseAliasedBackup>);
}  // namespace tessera
