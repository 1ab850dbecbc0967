#pragma once
#include <cstdint>
#include <optional>

#include <tessera/options/network.hpp>
#include <tessera/policy/generative_policy.hpp>
#include <tessera/policy/one_network.hpp>

namespace tessera {
/// OneStepPolicy at the B states of a batch.
template <class P, class Step>
class one_step_at {
 public:
  using T = typename Step::tensor;
  using network = typename detail::network_in<Step>::type;
  using kept = std::optional<memo<generated<T>>>;
  /// `draw`: where a draw is kept, so that all who look see the same; nullptr, where each sees its own.
  one_step_at(network& net, const T& states, Step& step, detail::passes by, kept* draw)
      : net_(&net), states_(states), step_(&step), by_(by), draw_(draw) {}

  T sample() const { return latent_sample().action.clamp(-1, 1); }
  T samples(std::int64_t count) const { return sample(detail::latent(*step_, states_, count)); }
  /// The actions that noise becomes: (B, d), or (B, K, d).
  T sample(const T& noise) const { return sample_unclipped(noise).clamp(-1, 1); }
  T sample_unclipped(const T& noise) const {
    const bool many = noise.dim() == 3;
    switch (by_) {
      case detail::passes::trained:
        return many ? net_->trained_many(states_, noise).out : net_->trained(states_, noise).out;
      case detail::passes::averaged:
        return many ? net_->target_many(states_, noise).out : net_->target(states_, noise).out;
      default:
        return many ? net_->fixed_many(states_, noise).out : net_->fixed(states_, noise).out;
    }
  }
  /// {z, the action before it is clipped}, (B, d) each; at s drawn once, for as long as the network stands still.
  generated<T> latent_sample() const {
    if (draw_ && *draw_ && (*draw_)->version == net_->version()) return (*draw_)->of;
    const T z = detail::latent(*step_, states_);
    const generated<T> drawn{z, sample_unclipped(z)};
    if (draw_) *draw_ = memo<generated<T>>{net_->version(), drawn};
    return drawn;
  }

 private:
  network* net_;
  T states_;
  Step* step_;
  detail::passes by_;
  kept* draw_;
};

/// Hyper-parameters of OneStepPolicy.
struct OneStepParams {
  MlpOptions net{};
  AdamOptions adam{};

  static constexpr doc docs[] = {{"net", "the policy's network, on [s, z]"}, {"adam", "the policy's optimizer"}};
};

/// A policy that is one pass of a network on state and noise:  a = clip(mu(s, z), -1, 1),  z ~ N(0, I).
/// It has no density; its sample has a gradient, which stops where the clip bites.
/// Source: Park, Li, Levine 2025 (FQL), section 4 and authors' code.
struct OneStepPolicy : OneNetworkPolicy {
  using space = Continuous;
  using params = OneStepParams;
  static constexpr const char* formula = "a = clip(mu(s,z), -1, 1), z ~ N(0,1)";
  static constexpr const char* source = "Park, Li, Levine 2025, section 4";
  static constexpr bool reparameterized = true;
  template <class Part, class Step>
  using at_states = one_step_at<Part, Step>;

  /// Lives between updates: the network.
  template <class B>
  struct state {
    typename B::network net;

    template <class Problem, class Recipe>
    state(const params& h, const Problem& on, Recipe)
        : net(on, "policy", h.net, h.adam, on.observation_size + on.action_size, B::single, head_layout{on.action_size},
              Recipe::template any<want::target_policy>) {}
    void each(auto&& f) { f("policy", net); }
  };

  template <class Step, class Backend>
  struct lookups : OneNetworkPolicy::lookups_of<lookups<Step, Backend>, Step, Backend> {
    using common = OneNetworkPolicy::lookups_of<lookups, Step, Backend>;
    using tensor = typename Backend::tensor;
    using common::pi;

    /// pi(.|s) with gradient; pi(.|s') without.
    auto pi(place where) {
      return where == now ? by(detail::passes::trained, this->self().state(now), &draw_)
                          : by(detail::passes::fixed, this->self().state(next));
    }

   private:
    friend common;
    using kept_draw = std::optional<memo<generated<tensor>>>;
    template <class How>
    auto at(const tensor& states, How) {
      return by(detail::passes_of<How>, states);
    }
    auto by(detail::passes how, const tensor& states, kept_draw* kept = nullptr) {
      return policy_at<typename Step::template part<policy>, Step>(this->policy_network(), states, this->self(), how,
                                                                   kept);
    }
    kept_draw draw_;
  };
};
static_assert(OneStepGenerator<OneStepPolicy> && !LogDensityPolicy<OneStepPolicy> && !ModePolicy<OneStepPolicy>);
}  // namespace tessera
