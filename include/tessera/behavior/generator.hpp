#pragma once
#include <cstdint>
#include <type_traits>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/generative.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/policy/diffusion.hpp>
#include <tessera/policy/flow.hpp>

namespace tessera {
/// Hyper-parameters of Generator over a policy with hyper-parameters P.
template <class P>
struct GeneratorParams {
  P model{};
  std::int64_t pretrain_updates = 0;
  bool keep_training = true;

  static constexpr doc docs[] = {
      {"model", "how actions are made out of noise: network, optimizer and steps"},
      {"pretrain_updates", "updates, counted from the first, in which the generator alone is trained", 0, 1000000000},
      {"keep_training", "whether it goes on being trained afterwards, beside the rest; without it, it is frozen"},
  };
};

/// The behavior as a generative model of policy P's kind, fitted to the logged actions by P's matching error.  It keeps
/// every mode of the log, and has no density.  With P's moving average, that is what generates.
/// Of `Chunked<P>` it is one of chunks.
/// Source: Park, Li, Levine 2025 (FQL), equation 3; Hansen-Estruch et al. 2023 (IDQL), section 5.
template <class P>
struct Generator {
  using role = role::behavior_model;
  using space = Continuous;
  using params = GeneratorParams<typename P::params>;
  using needs =
      merged_needs<all_of<need<policy, want::continuous_policy>, need<data, want::logged_transitions_alone>>,
                   std::conditional_t<ChunkedPolicy<P>, all_of<need<data, want::transitions_of_chunks>>, all_of<>>>;
  using reads = reads_of<P>;
  using takes_chunks = std::conditional_t<ChunkedPolicy<P>, Generator, void>;
  static_assert(FlowsToAction<P> || Denoises<P>, "a generator is of a kind of policy that makes actions out of noise");
  static constexpr const char* formula = "E matching error of a_D, of the policy that it is a model of";
  static constexpr const char* source = "Park, Li, Levine 2025, eq. 3; Hansen-Estruch et al. 2023, section 5";

  static constexpr bool sized_state = true;
  /// Lives between updates: the network.
  template <class B>
  struct state {
    typename B::network net;

    template <class Problem>
    state(const params& h, const Problem& on)
        : net(on, "behavior", h.model.net, h.model.adam, on.observation_size + on.action_size + 1, B::single,
              head_layout{on.action_size}, h.model.average > 0) {}
    void each(auto&& f) { f("behavior", net); }
  };

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto f = network(step, step.state(now), detail::passes::trained, false);
    return {"behavior/matching", P::matching_error(h.model, f, step.action(), step).mean()};
  }
  template <class Step>
  static void run(stage::behavior, const params& h, Step& step) {
    if (step.update() > h.pretrain_updates && !h.keep_training) return;
    step.descend_by(stage::behavior{}, [&net = step.template state_of<behavior>().net, rate = h.model.average] {
      if (rate > 0) net.apply_and_follow(rate);  // here, since in its head start no other stage runs
      else net.apply();
    });
  }
  static std::int64_t alone(const params& h) { return h.pretrain_updates; }

  template <class Step>
  static typename Step::tensor samples(const params& h, Step& step, place where, std::int64_t count) {
    return made(h, step, step.state(where), detail::latent(step, step.state(where), count));
  }
  /// What noise (B', d), or (B', K, d), becomes at states (B', n); no gradient.
  template <class Step, class T = typename Step::tensor>
    requires(P::of_noise_alone)
  static T generate(const params& h, Step& step, const T& states, const T& noise) {
    return made(h, step, states, noise);
  }
  /// The noise that actions (B', d), or (B', K, d), come of at states (B', n); no gradient.
  template <class Step, class T = typename Step::tensor>
    requires(P::flows)
  static T noise_of(const params& h, Step& step, const T& states, const T& actions) {
    typename Step::backend::no_grad guard;
    return P::noise_of(h.model, network(step, states, acting(h), actions.dim() == 3), actions);
  }

 private:
  static detail::passes acting(const params& h) {
    return h.model.average > 0 ? detail::passes::averaged : detail::passes::fixed;
  }
  template <class Step, class T = typename Step::tensor>
  static detail::timed_network<Step> network(Step& step, const T& states, detail::passes by, bool many) {
    return {&step.template state_of<behavior>().net, states, by, many};
  }
  template <class Step, class T = typename Step::tensor>
  static T made(const params& h, Step& step, const T& states, const T& noise) {
    typename Step::backend::no_grad guard;
    const bool many = noise.dim() == 3;
    return P::generate(h.model, network(step, states, acting(h), many), noise, detail::redraw(step, states, many));
  }
};
static_assert(ReversibleBehavior<Generator<FlowPolicy>> && !ReversibleBehavior<Generator<DdimPolicy>>);
static_assert(GenerativeBehavior<Generator<FlowPolicy>> && GenerativeBehavior<Generator<DdimPolicy>>);
static_assert(BehaviorSampler<Generator<DiffusionPolicy>> && !GenerativeBehavior<Generator<DiffusionPolicy>>);
}  // namespace tessera
