#pragma once
#include <cmath>
#include <cstdint>
#include <optional>

#include <tessera/concepts/generative.hpp>
#include <tessera/math/normal.hpp>
#include <tessera/options/network.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/generative_policy.hpp>
#include <tessera/policy/one_network.hpp>

namespace tessera {
/// LatentPolicy at B states: what the network computes there, and the generator that acts.
template <class P, class Step>
class latent_at {
 public:
  using T = typename Step::tensor;
  latent_at(const typename P::params& h, head<T> x, const T& states, Step& step)
      : h_(&h), x_(std::move(x)), states_(states), step_(&step) {}

  /// The action that the generator makes of the median noise, b tanh mu: (B, d), no gradient.
  T mode() const { return action_of(latent_mode()); }
  T sample() const { return action_of(latent_with_log_prob().action); }
  T samples(std::int64_t count) const {
    const auto d = step_->action_size();
    const T eps = detail::latent(*step_, states_, count).reshape({-1, d});
    return action_of(noise_of(x_.out.repeat_interleave(count, 0), eps).action.reshape({-1, count, d}));
  }
  /// The generator's noise, w in [-bound, bound]^d, and its log-density, (B, d) and (B); with gradient at s.
  drawn<T> latent_with_log_prob() const { return noise_of(x_.out, detail::latent(*step_, states_)); }
  /// The action that the generator makes of noise, (B, d) or (B, K, d), no gradient.
  T action_of(const T& noise) const {
    using M = typename Step::template part<behavior>;
    return M::generate(step_->template params_of_slot<behavior>(), *step_, states_, Step::backend::stop(noise));
  }
  /// That noise, (B, d), with gradient at s.
  T latent_mode() const { return h_->bound * x_.out.narrow(-1, 0, step_->action_size()).tanh(); }

 private:
  drawn<T> noise_of(const T& out, const T& eps) const {
    auto [a, log_prob] = math::tanh_normal_sample(out, eps, h_->log_std_min, h_->log_std_max);
    return {h_->bound * a, log_prob - double(step_->action_size()) * std::log(h_->bound)};
  }

  const typename P::params* h_;
  head<T> x_;
  T states_;
  Step* step_;
};

/// Hyper-parameters that LatentPolicy adds to a Gaussian's.
struct LatentParams {
  double bound = 1.5;

  static constexpr doc docs[] = {{"bound", "b, the noise's box is [-b, b]^d (DSRL: 1 to 2.5)", above_zero, 1000}};
};

/// A policy that acts in a generator's noise:  a = G(s, w),  w = b tanh u,  u ~ N(mu(s), sigma(s)^2).
/// G is the behavior's model, which the policy never moves; behavior.keep_training = false leaves it as its head start
/// has made it.  Every action is one that G makes of noise in the box, so that none is far from the log's.
/// Source: Wagenmaker et al. 2025 (DSRL), section 4 and authors' code.
struct LatentPolicy : OneNetworkPolicy {
  using space = Continuous;
  using params = joined<GaussianParams, LatentParams>;
  using needs = all_of<need<behavior, want::behavior_that_generates>>;
  using asks = policy_checks;
  static constexpr const char* formula = "a = G(s, w), w = bound tanh u, u ~ N(mu(s), sigma(s)^2), G the behavior's";
  static constexpr const char* source = "Wagenmaker et al. 2025, section 4";
  template <class Part, class Step>
  using at_states = latent_at<Part, Step>;

  /// Lives between updates: the network.
  template <class B>
  struct state {
    typename B::network net;

    template <class Problem, class Recipe>
    state(const params& h, const Problem& on, Recipe)
        : net(on, "policy", h.net, h.adam, on.observation_size, B::single, head_layout{2 * on.action_size},
              Recipe::template any<want::target_policy>) {}
    void each(auto&& f) { f("policy", net); }
  };

  template <class Step, class Backend>
  struct lookups : OneNetworkPolicy::lookups_of<lookups<Step, Backend>, Step, Backend> {
    using common = OneNetworkPolicy::lookups_of<lookups, Step, Backend>;
    using tensor = typename Backend::tensor;
    using common::pi;

    /// pi(.|s), whose noise has a gradient; pi(.|s') without.
    auto pi(place where) {
      if (where == next) return pi(next, as::fixed);
      auto& net = this->policy_network();
      const auto version = net.version();
      if (!now_ || now_->version != version) {
        typename Backend::with_grad guard;  // also where an estimate without gradient asks first
        now_ = memo<head<tensor>>{version, net.trained(this->self().state(now))};
      }
      return bound(now_->of, this->self().state(now));
    }

   private:
    friend common;
    template <class How>
    auto at(const tensor& states, How how) {
      return bound(ask(how, this->policy_network(), states), states);
    }
    auto bound(const head<tensor>& x, const tensor& states) {
      return policy_at<typename Step::template part<policy>, Step>(this->template params_in<policy>(), x, states,
                                                                   this->self());
    }
    std::optional<memo<head<tensor>>> now_;
  };
};
static_assert(ActsInNoise<LatentPolicy>);
static_assert(SamplingPolicy<LatentPolicy> && ModePolicy<LatentPolicy> && !ReparameterizedPolicy<LatentPolicy>);
}  // namespace tessera
