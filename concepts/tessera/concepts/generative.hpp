#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/policy.hpp>

// Policies and behavior models that make an action out of noise.
namespace tessera {
/// A policy whose action is a function of the state and of noise z ~ N(0, I) of the action's shape: one for each state,
/// (B, d), or K, (B, K, d).
/// Law: equal noise gives equal actions, and standard normal noise those of `sample`.
template <class P>
concept LatentConditioned = SamplingPolicy<P> && requires(const policy_at<P>& pi, const symbol& noise) {
  { pi.sample(noise) } -> std::same_as<symbol>;
};

/// A policy that carries noise to an action along a velocity field:  dx/dt = v(s, x, t), from t = 0 to 1.
///   velocity(x, t)     v(s, x, t), (B, d), of x (B, d) and t (B, 1), with gradient
///   matching_error(a)  (B): how far v is from the straight path to action a, at a random place of it
/// Law: the mean of the error is least where the policy's samples are distributed as the actions are.
template <class P>
concept FlowsToAction = SamplingPolicy<P> &&
    requires(const policy_at<P>& pi, const symbol& x, const symbol& t, const symbol& action) {
  { pi.velocity(x, t) } -> std::same_as<symbol>;
  { pi.matching_error(action) } -> std::same_as<symbol>;
};

/// A policy that takes noise out of an action step by step.
///   predicted_noise(x, t)  what part of x is thought to be noise at step t, (B, d); t (B, 1), whole, with gradient
///   matching_error(a)      (B): how far that is from the noise that was added to action a, at a random step
/// Law: as of `FlowsToAction`.
template <class P>
concept Denoises = SamplingPolicy<P> &&
    requires(const policy_at<P>& pi, const symbol& x, const symbol& t, const symbol& action) {
  { pi.predicted_noise(x, t) } -> std::same_as<symbol>;
  { pi.matching_error(action) } -> std::same_as<symbol>;
};

/// A policy whose action is one differentiable pass of a network on state and noise.
///   latent_sample()  {z, action before it is clipped}; with gradient at s, where it is drawn once for an update, so
///       that what distills and what climbs see the same
template <class P>
concept OneStepGenerator = LatentConditioned<P> && ReparameterizedPolicy<P> && requires(const policy_at<P>& pi) {
  { pi.latent_sample() } -> std::same_as<generated<symbol>>;
};

/// A behavior model that makes actions out of noise of their shape, at any states:  generate(h, step, states, noise),
/// of (B', n) and (B', d) or (B', K, d), no gradient.
/// Law: equal noise gives equal actions, inside the action space.
template <class M>
concept GenerativeBehavior = BehaviorSampler<M> &&
    requires(const typename M::params& h, symbolic_step& step, const symbol& states, const symbol& noise) {
  { M::generate(h, step, states, noise) } -> std::same_as<symbol>;
};

/// One that also finds the noise of an action:  noise_of(h, step, states, actions), shaped as the actions, no gradient.
/// Law: what is generated of it is the action, as long as that is inside the box.
template <class M>
concept ReversibleBehavior = GenerativeBehavior<M> &&
    requires(const typename M::params& h, symbolic_step& step, const symbol& states, const symbol& actions) {
  { M::noise_of(h, step, states, actions) } -> std::same_as<symbol>;
};

/// A policy that chooses the noise of the behavior's model, which acts.
///   latent_with_log_prob()  {w (B, d), log pi(w|s) (B)}; at s with gradient
///   action_of(w)            what the model makes of noise w, (B, d), no gradient
/// Law: w is in the policy's box, and the policy never moves the model.
template <class P>
concept ActsInNoise = SamplingPolicy<P> && requires(const policy_at<P>& pi, const symbol& noise) {
  { pi.latent_with_log_prob() } -> std::same_as<drawn<symbol>>;
  { pi.action_of(noise) } -> std::same_as<symbol>;
};

/// A critic that values the noise of the behavior's model, Q_i(s, w), which its lookup `noise_q(where, w, how)` gives.
template <class C>
concept ValuesNoise = C::values_noise;
}  // namespace tessera
