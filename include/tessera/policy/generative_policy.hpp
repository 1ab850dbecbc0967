#pragma once
#include <cstdint>
#include <optional>
#include <type_traits>

#include <tessera/concepts/asked.hpp>
#include <tessera/concepts/generative.hpp>
#include <tessera/policy/one_network.hpp>

namespace tessera {
namespace detail {
// The type of a step's networks.  A step that stands in for one where a concept asks for a form has none.
template <class Step>
struct network_in {
  struct type {};
};
template <class Step>
  requires requires { typename Step::backend::network; }
struct network_in<Step> {
  using type = typename Step::backend::network;
};

/// Which parameters a pass of the network takes: its own, with gradient to them; its own, without; or, without, those
/// of its slowly moving copy.
enum class passes { trained, fixed, averaged };
template <class How>
inline constexpr passes passes_of = asks_target<How>    ? passes::averaged
                                    : asks_trained<How> ? passes::trained
                                                        : passes::fixed;

/// f(x, t), the network on [s, x, t]:  x (B, d), or (B, K, d) of K actions for each state; t (B, 1) or (B, K, 1), or
/// one number for all.
template <class Step>
struct timed_network {
  using T = typename Step::tensor;
  typename network_in<Step>::type* net;
  T states;
  passes by;
  bool many;  // K actions a state

  T operator()(const T& x, const T& t) const {
    const T in = Step::backend::template cat<2>({x, t}, -1);
    switch (by) {
      case passes::trained:
        return many ? net->trained_many(states, in).out : net->trained(states, in).out;
      case passes::averaged:
        return many ? net->target_many(states, in).out : net->target(states, in).out;
      default:
        return many ? net->fixed_many(states, in).out : net->fixed(states, in).out;
    }
  }
  T operator()(const T& x, double t) const { return (*this)(x, T(full_like(x.narrow(-1, 0, 1), t))); }
};

/// Noise of an action's shape: one for each row of `states`, (B, d), or K, (B, K, d).
template <class Step>
typename Step::tensor latent(Step& step, const typename Step::tensor& states, std::optional<std::int64_t> count = {}) {
  const auto d = step.action_size();
  if (!count) return step.draw(noise::normal, d, states);
  return step.draw(noise::normal, *count * d, states).reshape({-1, *count, d});
}

/// What a sampler draws in its steps: fresh noise of the shape of x.
template <class Step>
auto redraw(Step& step, const typename Step::tensor& states, bool many) {
  return [&step, states, many](const typename Step::tensor& x) {
    return many ? latent(step, states, x.size(1)) : latent(step, states);
  };
}
}  // namespace detail

/// A generative policy at the B states of a batch.  P says how an action comes of noise (`generate`), and how its
/// network is fitted to actions (`matching_error`).
template <class P, class Step>
class generative_at {
 public:
  using T = typename Step::tensor;
  using network = typename detail::network_in<Step>::type;
  generative_at(const typename P::params& h, network& net, const T& states, Step& step, detail::passes by)
      : h_(&h), net_(&net), states_(states), step_(&step), by_(by) {}

  /// An action for each state, (B, d).  The passes that make it keep nothing for a gradient, unless the policy is one
  /// whose gradient goes back through its steps.
  T sample() const { return sample_from(detail::latent(*step_, states_), false); }
  /// K independent actions for each state, (B, K, d).
  T samples(std::int64_t count) const { return sample_from(detail::latent(*step_, states_, count), true); }
  /// The actions that noise becomes: (B, d), or (B, K, d).
  T sample(const T& noise) const requires(P::of_noise_alone) { return sample_from(noise, noise.dim() == 3); }

  T velocity(const T& x, const T& t) const requires(P::flows) { return trained()(x, t); }
  T predicted_noise(const T& x, const T& t) const requires(!P::flows) { return trained()(x, t); }
  T matching_error(const T& action) const { return P::matching_error(*h_, trained(), action, *step_); }

 private:
  detail::timed_network<Step> at(detail::passes by, bool many) const { return {net_, states_, by, many}; }
  detail::timed_network<Step> trained() const { return at(detail::passes::trained, false); }
  T sample_from(const T& noise, bool many) const {
    if constexpr (P::reparameterized) {
      if (by_ == detail::passes::trained) return generated(noise, by_, many);
    }
    typename Step::backend::no_grad guard;
    const auto by = by_ == detail::passes::trained ? detail::passes::fixed : by_;
    return generated(noise, h_->average > 0 ? detail::passes::averaged : by, many);
  }
  T generated(const T& noise, detail::passes by, bool many) const {
    return P::generate(*h_, at(by, many), noise, detail::redraw(*step_, states_, many));
  }

  const typename P::params* h_;
  network* net_;
  T states_;
  Step* step_;
  detail::passes by_;
};

/// What policies have in common that make an action out of noise in several passes of one network f on [s, x, t].  The
/// deriving part gives
///   generate(h, f, noise, redraw)           the actions that noise becomes, of its shape, (B, d) or (B, K, d);
///                                           redraw(x) is further noise
///   matching_error(h, f, action, step)      (B): how badly actions (B, d) come of noise, at a random place between
/// Its `params` have net, adam and `average`: with a rate above 0 an exponential moving average of the parameters acts,
/// which follows in stage::targets.
struct GenerativePolicy : OneNetworkPolicy {
  using space = Continuous;
  using asks = and_checks<policy_checks, checks<lack::net_and_adam_in_params, lack::run_in<stage::actor>>>;
  static constexpr bool reparameterized = false;
  template <class Part, class Step>
  using at_states = generative_at<Part, Step>;

  /// Lives between updates: the network.
  template <class B>
  struct state {
    typename B::network net;

    template <class Problem, class Recipe>
    state(const auto& h, const Problem& on, Recipe)
        : net(on, "policy", h.net, h.adam, on.observation_size + on.action_size + 1, B::single,
              head_layout{on.action_size}, h.average > 0 || Recipe::template any<want::target_policy>) {}
    void each(auto&& f) { f("policy", net); }
  };

  template <class Step>
  static void run(stage::actor at, const auto& h, Step& step) {
    OneNetworkPolicy::run(at, h, step);
  }
  template <class Step>
  static void run(stage::targets at, const auto& h, Step& step) {
    if (h.average > 0) step.template state_of<policy>().net.follow(h.average);
    else if constexpr (Step::template any<want::target_policy>) OneNetworkPolicy::run(at, h, step);
  }

  template <class Step, class Backend>
  struct lookups : OneNetworkPolicy::lookups_of<lookups<Step, Backend>, Step, Backend> {
    using common = OneNetworkPolicy::lookups_of<lookups, Step, Backend>;
    using tensor = typename Backend::tensor;
    using common::pi;

    /// pi(.|s), and pi(.|s') without gradient.
    auto pi(place where) {
      return by(where == now ? detail::passes::trained : detail::passes::fixed, this->self().state(where));
    }

   private:
    friend common;
    template <class How>
    auto at(const tensor& states, How) {
      return by(detail::passes_of<How>, states);
    }
    auto by(detail::passes how, const tensor& states) {
      return policy_at<typename Step::template part<policy>, Step>(this->template params_in<policy>(),
                                                                   this->policy_network(), states, this->self(), how);
    }
  };
};

/// Policy P, but that the gradient of its actions goes back through all of its steps to the network's parameters, at
/// the cost in time and memory of K passes.  What asks for a reparameterized policy takes it, such as `MaximizeQ`.
/// Source: Park, Li, Levine 2025 (FQL), section 5 (FBRAC); Wang et al. 2023 (Diffusion-QL).
template <class P>
struct BackpropThroughSteps : P {
  static constexpr const char* formula = "the wrapped policy; gradients of its actions go through all K steps";
  static constexpr const char* source = "Wang et al. 2023, section 3";
  static constexpr bool reparameterized = true;
};
}  // namespace tessera
