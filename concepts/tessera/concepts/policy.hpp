#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/part.hpp>
#include <tessera/concepts/spaces.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
/// What `step.pi(where)` of policy P is: its distribution at the states of a batch.
template <class P, class Step = symbolic_step>
using policy_at = typename P::template at_states<P, Step>;

/// What kind of distribution acts.  A policy owns its networks, and says by its type `at_states<Part, Step>` what can
/// be asked of it at the B states of a batch.  Actions of a continuous policy live in [-1, 1]^d, (B, d); those of a
/// discrete one are indices, (B).  One whose numbers are computed by a single network is a function of that network's
/// `head`: NetworkPolicy.
template <class P>
concept TrainedPolicy = Plays<P, role::policy> && ActionSpace<space_of<P>> && requires {
  typename policy_at<P>;
};

/// A policy that is a function of the critic: it has no network, and nothing to train.
template <class P>
concept ActsByCritic = Plays<P, role::policy> && ActionSpace<space_of<P>> && P::acts_by_critic;

/// A policy that is none of the learner's: it is fixed, and what it does is a column of the data, column::fixed_policy.
/// It has no network, and nothing to train; a learner of it learns its value alone, and decides nothing.
template <class P>
concept FixedPolicy = Plays<P, role::policy> && ActionSpace<space_of<P>> && P::is_fixed;

/// A policy that needs no objective of an actor's.
template <class P>
concept UntrainedPolicy = ActsByCritic<P> || FixedPolicy<P>;

namespace lack {
/// template <class Part, class Step> struct at_states: what can be asked of it at the states of a batch; or
/// acts_by_critic = true; or is_fixed = true
struct at_states {
  template <class P>
  static constexpr bool found = TrainedPolicy<P> || UntrainedPolicy<P>;
};
}  // namespace lack
using policy_checks = part_checks<role::policy, lack::action_space, lack::at_states>;
template <class P>
concept Policy = HasAll<P, policy_checks>;

/// A policy with a most likely action.
/// Law: `mode` is a function: equal states give equal actions, inside the action space.
template <class P>
concept ModePolicy = TrainedPolicy<P> && requires(const policy_at<P>& pi) {
  { pi.mode() } -> std::same_as<symbol>;
};

/// A policy that can be drawn from: one action for each state, or K, (B, K, d).
/// Law: samples follow the density, where there is one; equal noise gives equal actions.
template <class P>
concept SamplingPolicy = TrainedPolicy<P> && requires(const policy_at<P>& pi, std::int64_t count) {
  { pi.sample() } -> std::same_as<symbol>;
  { pi.samples(count) } -> std::same_as<symbol>;
};

/// A policy whose samples may lie outside [-1, 1]^d: critics and densities see them as they are, and an action is
/// clipped where it leaves the learner.
template <class P>
concept UnboundedPolicy = SamplingPolicy<P> && P::unbounded;

/// A policy whose density can be evaluated at a given action, (B).
/// Law: exp(log_prob(s, .)) integrates (sums) to one over the action space, but for what a bound at the edges of the
/// box leaves out.
template <class P>
concept LogDensityPolicy = TrainedPolicy<P> && requires(const policy_at<P>& pi, const symbol& action) {
  { pi.log_prob(action) } -> std::same_as<symbol>;
};

/// A policy whose density is that of squashed samples, without a bound toward the edges of [-1, 1]^d.
template <class P>
concept SquashedPolicy = LogDensityPolicy<P> && P::squashed;

/// A policy whose sample is a differentiable function of its parameters, the noise held fixed.
/// Law: the pathwise gradient of E f(sample) equals the gradient of the expectation.
template <class P>
concept ReparameterizedPolicy = SamplingPolicy<P> && std::same_as<typename P::space, Continuous> && P::reparameterized;

/// A reparameterized policy that gives the log-density of its own sample without inverting it.
/// Law: the pair agrees with `sample` and `log_prob`.
template <class P>
concept SoftPolicy = ReparameterizedPolicy<P> && LogDensityPolicy<P> &&
    requires(const policy_at<P>& pi, std::int64_t count) {
  { pi.sample_with_log_prob() } -> std::same_as<drawn<symbol>>;
  { pi.samples_with_log_prob(count) } -> std::same_as<drawn<symbol>>;
};

/// A policy over finitely many actions, whose expectations are exact sums: log pi(.|s) of every action, (B, A).
/// Law: exp(log_probs(s)) sums to one over actions, and agrees with `log_prob`.
template <class P>
concept EnumerablePolicy = LogDensityPolicy<P> && std::same_as<typename P::space, Discrete> &&
    requires(const policy_at<P>& pi) {
  { pi.log_probs() } -> std::same_as<symbol>;
};

/// A policy whose action is a chunk of h actions, which are done one after the other: it has a state `pending`, where
/// what is left of the chunks that were begun online is kept.
template <class P>
concept ChunkedPolicy = TrainedPolicy<P> && P::acts_in_chunks;

// What a policy that is a function of one network's head may give, and `at_states` hands on.

namespace lack {
/// static head_layout layout(const params& h, std::int64_t action_size): how many numbers the network computes
struct layout {
  template <class P>
  static constexpr bool found = requires(const typename P::params& h, std::int64_t action_size) {
    { P::layout(h, action_size) } -> std::same_as<head_layout>;
  };
};
}  // namespace lack
using head_policy_checks = part_checks<role::policy, lack::action_space, lack::net_and_adam_in_params, lack::layout>;
/// It has a network, of this layout.
template <class P>
concept HeadPolicy = HasAll<P, head_policy_checks>;
template <class P>
concept HeadWithMode = requires(const typename P::params& h, const head<symbol>& x) {
  { P::mode(h, x) } -> std::same_as<symbol>;
};
/// Given noise of a declared kind and size.
template <class P>
concept HeadThatSamples = requires(const typename P::params& h, const head<symbol>& x, const symbol& eps,
                                   std::int64_t action_size) {
  { P::noise_kind } -> std::convertible_to<noise>;
  { P::noise_size(action_size) } -> std::convertible_to<std::int64_t>;
  { P::sample(h, x, eps) } -> std::same_as<symbol>;
};
template <class P>
concept HeadWithLogProb = requires(const typename P::params& h, const head<symbol>& x, const symbol& action) {
  { P::log_prob(h, x, action) } -> std::same_as<symbol>;
};
template <class P>
concept HeadThatSamplesWithLogProb = requires(const typename P::params& h, const head<symbol>& x, const symbol& eps) {
  { P::sample_with_log_prob(h, x, eps) } -> std::same_as<drawn<symbol>>;
};
template <class P>
concept HeadWithLogProbs = requires(const typename P::params& h, const head<symbol>& x) {
  { P::log_probs(h, x) } -> std::same_as<symbol>;
};

/// A policy whose Fisher information in the numbers that its network computes is known, as a product:
///   fisher(h, x, v)  M(x) v for B states; x, v and the result have the form of a head
/// Law: v^T M(x) v = E (d/dt log pi(a; x + t v))^2 at t = 0, the mean over a ~ pi(x).
template <class P>
concept FisherPolicy = LogDensityPolicy<P> && HeadPolicy<P> &&
    requires(const typename P::params& h, const head<symbol>& x, const head<symbol>& v) {
  { P::fisher(h, x, v) } -> std::same_as<head<symbol>>;
};
}  // namespace tessera
