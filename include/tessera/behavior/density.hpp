#pragma once
#include <cstdint>
#include <optional>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/policy.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/policy/bound.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>

namespace tessera {
/// Hyper-parameters of Density over a policy with hyper-parameters P.
template <class P>
struct DensityParams {
  P model{};
  std::int64_t pretrain_updates = 1000;
  bool keep_training = true;

  static constexpr doc docs[] = {
      {"model", "the model's distribution: its network, optimizer and bounds"},
      {"pretrain_updates", "number of initial updates in which the behavior model alone is trained (BRAC: 300 000)", 0,
       1000000000},
      {"keep_training", "whether it is trained further afterwards, along with the rest"},
  };
};

/// The behavior as a distribution of policy P's kind, fitted to the logged actions:
///   minimize -E_D log b(a|s)
/// Actions are clipped to +-(1 - 1e-3) for a density of squashed samples, since logged actions may lie on the bounds.
/// Source: Wu et al. 2019 (BRAC), section 3.2 and authors' code.
template <class P>
struct Density {
  using role = role::behavior_model;
  using space = typename P::space;
  using params = DensityParams<typename P::params>;
  using needs = all_of<need<data, want::logged_transitions_alone>>;
  static_assert(LogDensityPolicy<P>, "a behavior's density is of a kind of policy that has one");
  static constexpr const char* formula = "-E log b(a_D|s)";
  static constexpr const char* source = "Wu et al. 2019, section 3.2";

  static constexpr bool sized_state = true;
  /// Lives between updates: the network; within one, what it says of the batch.
  template <class B>
  struct state {
    typename B::network net;
    struct seen {
      std::int64_t update, version;
      head<typename B::tensor> of;
    };
    std::optional<seen> at_now{}, at_next{};

    template <class Problem>
    state(const params& h, const Problem& on)
        : net(on, "behavior", h.model.net, h.model.adam, on.observation_size, B::single,
              P::layout(h.model, on.action_size), false) {}
    void each(auto&& f) { f("behavior", net); }
  };

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {
        "behavior/nll",
        -P::log_prob(h.model, step.template state_of<behavior>().net.trained(step.state(now)), step.action()).mean()};
  }
  template <class Step>
  static void run(stage::behavior, const params& h, Step& step) {
    if (step.update() <= h.pretrain_updates || h.keep_training)
      step.descend(stage::behavior{}, step.template state_of<behavior>().net);
  }
  static std::int64_t alone(const params& h) { return h.pretrain_updates; }

  template <class Step>
  static typename Step::tensor log_prob(const params& h, Step& step, place where, const typename Step::tensor& action) {
    if constexpr (SquashedPolicy<P>)
      return P::log_prob(h.model, at(step, where), typename Step::tensor(action.clamp(-1 + 1e-3, 1 - 1e-3)));
    else return P::log_prob(h.model, at(step, where), action);
  }
  template <class Step>
    requires EnumerablePolicy<P>
  static typename Step::tensor log_probs(const params& h, Step& step, place where) {
    return P::log_probs(h.model, at(step, where));
  }
  template <class Step>
    requires SamplingPolicy<P> && std::same_as<space, Continuous>
  static typename Step::tensor samples(const params& h, Step& step, place where, std::int64_t count) {
    typename Step::backend::no_grad guard;
    return bound_policy<P, Step>(h.model, at(step, where), step).samples(count);
  }

 private:
  // b(.|s), no gradient in its parameters; computed once while the network stands still.
  template <class Step>
  static const auto& at(Step& step, place where) {
    auto& own = step.template state_of<behavior>();
    auto& kept = where == now ? own.at_now : own.at_next;
    if (!kept || kept->update != step.update() || kept->version != own.net.version()) {
      typename Step::backend::no_grad guard;
      kept.emplace(step.update(), own.net.version(), own.net.fixed(step.state(where)));
    }
    return kept->of;
  }
};
static_assert(BehaviorDensity<Density<GaussianPolicy>> && BehaviorSampler<Density<GaussianPolicy>> &&
              EnumerableBehavior<Density<CategoricalPolicy>>);
}  // namespace tessera
