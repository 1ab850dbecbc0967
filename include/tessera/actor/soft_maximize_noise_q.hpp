#pragma once
#include <tessera/actor/soft_maximize_q.hpp>
#include <tessera/concepts/generative.hpp>

namespace tessera {
/// SoftMaximizeQ over the noise w of a generator, in place of its actions:
///   minimize E alpha log pi(w|s) - min_i Q_i(s, w),   w ~ pi(.|s) reparameterized
///   temperature: as SoftMaximizeQ, of the noise's entropy
/// Q of noise is the critic's; no gradient goes through the generator, which is never moved.
/// Source: Wagenmaker et al. 2025 (DSRL), algorithm 1 and authors' code.
/// Differs from the authors' code: log pi is the density of w (theirs: of w / b in the box [-b, b]^d), so that the same
/// target_entropy is log b more per dimension here.
struct SoftMaximizeNoiseQ : SoftMaximizeQ {
  using needs = all_of<need<policy, want::policy_in_noise>, need<critic, want::critic_of_noise>>;
  static constexpr const char* formula = "E alpha log pi(w|s) - min_i Q_i(s,w);  alpha: -log alpha (E log pi + H)";
  static constexpr const char* source = "Wagenmaker et al. 2025, algorithm 1";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto [w, log_pi] = step.pi(now).latent_with_log_prob();
    return objective(h, step, log_pi, [&, &at = w] { return math::min(step.noise_q(now, at, as::frozen)); });
  }
  template <class Step>
  static void run(stage::duals, const params& h, Step& step) {
    step.descend(temperature_loss(h, step), step.template state_of<actor>().log_alpha);
  }
  template <class Step>
  static terms<typename Step::tensor> temperature_loss(const params& h, Step& step) {
    return SoftMaximizeQ::temperature_loss(h, step, [&] { return step.pi(now).latent_with_log_prob(); });
  }
};
static_assert(EntropyRegularized<SoftMaximizeNoiseQ> && RunsIn<SoftMaximizeNoiseQ, stage::duals>);
}  // namespace tessera
