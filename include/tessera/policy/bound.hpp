#pragma once
#include <cstdint>
#include <utility>

#include <tessera/concepts/policy.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
/// A policy that is a function of one network's head, at the states of a batch: it can do what P can.
template <class P, class Step>
class bound_policy {
 public:
  using T = typename Step::tensor;
  bound_policy(const typename P::params& h, head<T> x, Step& step) : h_(&h), x_(std::move(x)), step_(&step) {}

  T mode() const requires HeadWithMode<P> { return P::mode(*h_, x_); }
  T log_prob(const T& action) const requires HeadWithLogProb<P> { return P::log_prob(*h_, x_, action); }
  T log_probs() const requires HeadWithLogProbs<P> { return P::log_probs(*h_, x_); }
  T sample() const requires HeadThatSamples<P> { return P::sample(*h_, x_, eps()); }
  /// A sample as the density takes it: where that is of samples which are clipped to be actions, before the clip.
  T sample_unclipped() const requires HeadThatSamples<P> {
    if constexpr (requires { P::unclipped(*h_, x_, x_.out); }) return P::unclipped(*h_, x_, eps());
    else return sample();
  }
  drawn<T> sample_with_log_prob() const requires HeadThatSamplesWithLogProb<P> {
    return P::sample_with_log_prob(*h_, x_, eps());
  }
  /// K independent actions for each state, (B, K, d), from one pass of the network.
  T samples(std::int64_t count) const requires HeadThatSamples<P> {
    return by_state(P::sample(*h_, repeated(count), eps(count)), count);
  }
  /// The same with their log-densities, (B, K).
  drawn<T> samples_with_log_prob(std::int64_t count) const requires HeadThatSamplesWithLogProb<P> {
    const auto all = P::sample_with_log_prob(*h_, repeated(count), eps(count));
    return {by_state(all.action, count), all.log_prob.reshape({-1, count})};
  }

 private:
  T eps() const { return step_->draw(P::noise_kind, P::noise_size(step_->action_size()), x_.out); }
  // For K actions a state, the states in order, each K times.
  T eps(std::int64_t count) const {
    const auto size = P::noise_size(step_->action_size());
    if (P::noise_kind == noise::none) return {};
    return step_->draw(P::noise_kind, count * size, x_.out).reshape({-1, size});
  }
  head<T> repeated(std::int64_t count) const { return {x_.out.repeat_interleave(count, 0), x_.state_independent}; }
  static T by_state(const T& a, std::int64_t count) { return a.reshape({-1, count, a.size(-1)}); }

  const typename P::params* h_;
  head<T> x_;
  Step* step_;
};
}  // namespace tessera
