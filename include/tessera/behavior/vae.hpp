#pragma once
#include <cstdint>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/options/network.hpp>

namespace tessera {
/// The behavior as a conditional variational auto-encoder, for sampling; it has no density:
///   q(z|s,a) = N(mu, sigma^2),  sigma = exp clip(., -4, 15),   a^ = tanh dec(s, z),   z of 2 d numbers
///   minimize E mean_j (a_j - a^_j)^2 + kl_weight * E mean_k -1/2 (1 + log sigma_k^2 - mu_k^2 - sigma_k^2)
///   sample: z ~ clip(N(0, 1), -0.5, 0.5)
/// Source: Fujimoto et al. 2019 (BCQ), appendix D, and the authors' code; as in Kumar et al. 2019 (BEAR).
struct Vae {
  using role = role::behavior_model;
  using space = Continuous;
  struct params {
    MlpOptions encoder{};
    MlpOptions decoder{};
    AdamOptions adam{};
    double kl_weight = 0.5;
    std::int64_t pretrain_updates = 1000;
    bool keep_training = true;

    static constexpr doc docs[] = {
        {"encoder", "network of q(z|s,a) (BCQ: 750,750)"},
        {"decoder", "network of a^ (BCQ: 750,750)"},
        {"adam", "the optimizer of both"},
        {"kl_weight", "weight of the divergence of q(z|s,a) from the prior (BCQ: 0.5)", 0},
        {"pretrain_updates", "number of initial updates in which the behavior model alone is trained", 0, 1000000000},
        {"keep_training", "whether it is trained further afterwards, along with the rest"},
    };
  };
  using needs = all_of<need<policy, want::continuous_policy>, need<data, want::logged_transitions_alone>>;
  static constexpr const char* formula = "E |a - dec(s,z)|^2 + kl_weight KL(q(z|s,a) || N(0,1))";
  static constexpr const char* source = "Fujimoto et al. 2019, appendix D";

  static constexpr bool sized_state = true;
  template <class B>
  struct state {
    typename B::network encoder, decoder;

    template <class Problem>
    state(const params& h, const Problem& on)
        : encoder(on, "encoder", h.encoder, h.adam, on.observation_size + on.action_size, B::single,
                  head_layout{4 * on.action_size}, false),
          decoder(on, "decoder", h.decoder, h.adam, on.observation_size + 2 * on.action_size, B::single,
                  head_layout{on.action_size}, false) {}
    void each(auto&& f) { f("encoder", encoder), f("decoder", decoder); }
  };

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    using T = typename Step::tensor;
    auto& own = step.template state_of<behavior>();
    const auto latent = 2 * step.action_size();
    const T out = own.encoder.trained(step.state(now), step.action()).out;
    const T mu = out.narrow(-1, 0, latent), log_std = out.narrow(-1, latent, latent).clamp(-4, 15);
    const T z = mu + log_std.exp() * step.normal_like(mu);
    const T kl = -0.5 * (1.0 + 2 * log_std - mu.square() - (2 * log_std).exp());
    terms<T> sum{"behavior/mse", (own.decoder.trained(step.state(now), z).out.tanh() - step.action()).square().mean()};
    return sum.add("behavior/kl", h.kl_weight * kl.mean());
  }
  template <class Step>
  static void run(stage::behavior, const params& h, Step& step) {
    auto& own = step.template state_of<behavior>();
    if (step.update() <= h.pretrain_updates || h.keep_training)
      step.descend(stage::behavior{}, own.encoder, own.decoder);
  }
  static std::int64_t alone(const params& h) { return h.pretrain_updates; }

  template <class Step>
  static typename Step::tensor samples(const params&, Step& step, place where, std::int64_t count) {
    typename Step::backend::no_grad guard;
    const auto latent = 2 * step.action_size();
    const auto& s = step.state(where);
    const auto z = step.draw(noise::normal, count * latent, s).reshape({-1, count, latent}).clamp(-0.5, 0.5);
    return step.template state_of<behavior>().decoder.fixed_many(s, z).out.tanh();
  }
};
static_assert(BehaviorSampler<Vae> && !BehaviorDensity<Vae>);
}  // namespace tessera
