#pragma once
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include <tessera/concepts/policy.hpp>

#include "helpers/tensors.hpp"
#include "laws/verdict.hpp"

/// What the policy concepts promise, for policies of one continuous action with mean and log-std (x, y), and for
/// policies over finitely many actions.
namespace laws {
using tessera::head;

/// The head of B equal states.  Makes one for each policy: (theta, B) -> head.
using HeadOf = std::function<head<at::Tensor>(const at::Tensor& theta, std::int64_t rows)>;

/// Midpoints of n cells of (low, high).
inline at::Tensor grid(double low, double high, std::int64_t n) {
  return low + (high - low) * (at::arange(n, at::kDouble) + 0.5) / double(n);
}
/// n standard normal numbers that fill the distribution evenly.
inline at::Tensor even_normal(std::int64_t n) {
  return std::sqrt(2.0) * at::erfinv(2 * grid(0, 1, n) - 1).unsqueeze(1);
}

/// Integral of density times f over (low, high); f sees the action as critics do: clipped to [-1, 1], but for an
/// unbounded policy.
template <class P>
double integral(const HeadOf& head_of, const at::Tensor& theta, double low, double high,
                const std::function<at::Tensor(const at::Tensor&)>& f) {
  const std::int64_t n = 200000;
  const auto a = grid(low, high, n);
  const auto density = P::log_prob({}, head_of(theta, n), a.unsqueeze(1)).exp();
  const auto used = tessera::UnboundedPolicy<P> ? a : a.clamp(-1, 1);
  return support::number((density * f(used)).sum()) * (high - low) / double(n);
}
inline at::Tensor one(const at::Tensor& a) { return at::ones_like(a); }

inline bool near(double x, double y, double margin) { return std::abs(x - y) <= margin; }
inline std::string versus(double x, double y) { return std::to_string(x) + " for " + std::to_string(y); }

/// exp(log_prob(s, .)) integrates to one; samples follow it.
template <tessera::LogDensityPolicy P>
verdict density_and_samples(const HeadOf& head_of, const at::Tensor& theta, double low, double high) {
  verdict v;
  const double mass = integral<P>(head_of, theta, low, high, one);
  v.expect(near(mass, 1, 1e-6), "the density integrates to one", std::to_string(mass));
  const std::int64_t n = 200000;
  torch::manual_seed(8);
  const auto a = P::sample({}, head_of(theta, n), at::randn({n, 1}, at::kDouble)).squeeze(1);
  v.expect(tessera::UnboundedPolicy<P> || a.abs().max().template item<double>() <= 1, "samples are actions");
  // Powers, and the share of samples in each fifth of the box.  A mean of n numbers of size one is off by less
  // than 4 / sqrt(n) = .009.
  for (int k = 1; k <= 3; ++k) {
    const auto power = [k](const at::Tensor& x) { return x.pow(k); };
    const double x = support::number(power(a).mean()), y = integral<P>(head_of, theta, low, high, power);
    v.expect(near(x, y, 0.009), "samples follow the density", versus(x, y));
  }
  for (double edge : {-0.6, -0.2, 0.2, 0.6}) {
    const auto below = [edge](const at::Tensor& x) { return x.lt(edge).to(at::kDouble); };
    const double x = support::number(below(a).mean()), y = integral<P>(head_of, theta, low, high, below);
    v.expect(near(x, y, 0.006), "samples follow the density", versus(x, y));
  }
  return v;
}

/// sample_with_log_prob agrees with sample, and with log_prob wherever the sample is not clipped.
template <tessera::SoftPolicy P>
verdict pair_agrees(const typename P::params& h, const head<at::Tensor>& x, const at::Tensor& eps) {
  const auto [action, log_prob] = P::sample_with_log_prob(h, x, eps);
  verdict v;
  v.expect(support::close(action, P::sample(h, x, eps)), "the pair's action is the sample");
  v.expect(log_prob.dim() == 1, "the pair's log-density is (B)");
  const auto inside = action.abs().lt(0.9999).all(-1);
  v.expect(inside.sum().template item<std::int64_t>() > inside.numel() / 2, "most samples are inside");
  v.expect(support::close(log_prob.index({inside}), P::log_prob(h, x, action).index({inside}), 1e-7),
           "the pair's log-density is the action's");
  return v;
}

/// Equal noise gives equal actions, and other noise others.
template <tessera::SamplingPolicy P>
verdict sample_is_of_its_noise(const typename P::params& h, const head<at::Tensor>& x, const at::Tensor& eps,
                               const at::Tensor& other) {
  verdict v;
  const auto a = P::sample(h, x, eps);
  v.expect(at::equal(a, P::sample(h, x, eps.defined() ? eps.clone() : eps)), "equal noise gives equal actions");
  v.expect(at::equal(a, P::sample(h, x, other)) == (P::noise_kind == tessera::noise::none),
           "a sample depends on its noise");
  return v;
}

/// fisher(v) is E [ d log pi / dx  (d log pi / dv) ]: the mean over actions of the score times its part along v.
/// `actions` and their probabilities stand for the distribution at one state.
template <tessera::FisherPolicy P>
verdict fisher_information(const head<at::Tensor>& x, const head<at::Tensor>& v,
                           const std::vector<std::pair<at::Tensor, double>>& actions) {
  at::Tensor out = at::zeros_like(x.out),
             free = x.state_independent.defined() ? at::zeros_like(x.state_independent) : at::Tensor();
  double total = 0;
  for (const auto& [action, probability] : actions) {
    const head<at::Tensor> leaf{support::leaf(x.out),
                                x.state_independent.defined() ? support::leaf(x.state_independent) : at::Tensor()};
    P::log_prob({}, leaf, action).sum().backward();
    auto along = (leaf.out.grad() * v.out).sum();
    if (free.defined()) along = along + (leaf.state_independent.grad() * v.state_independent).sum();
    out += probability * along * leaf.out.grad();
    if (free.defined()) free += probability * along * leaf.state_independent.grad();
    total += probability;
  }
  verdict told;
  told.expect(near(total, 1, 1e-5), "the actions stand for the distribution", std::to_string(total));
  const auto product = P::fisher({}, x, v);
  told.expect(support::close(product.out, out, 1e-8), "the product is the mean score times its part along v");
  told.expect(product.state_independent.defined() == free.defined(), "the product has the form of a head");
  if (free.defined() && product.state_independent.defined())
    told.expect(support::close(product.state_independent, free, 1e-8),
                "the product is the mean score times its part along v, in shared numbers");
  return told;
}
/// Three values of a normal number whose mean of any polynomial of degree 5 is exact (Gauss, Hermite).
inline const std::vector<std::pair<double, double>> three_normals{
    {-std::sqrt(3.0), 1.0 / 6}, {0, 2.0 / 3}, {std::sqrt(3.0), 1.0 / 6}};

/// The pathwise gradient of E f(sample) is the slope of the expectation.
template <class P>
  requires tessera::ReparameterizedPolicy<P> && tessera::LogDensityPolicy<P> verdict
  pathwise_gradient(const HeadOf& head_of, const at::Tensor& theta, double low, double high) {
    const auto f = [](const at::Tensor& a) { return a.square() + 0.5 * a + (2 * a).sin(); };
    const std::int64_t n = 100000;
    const auto x = support::leaf(theta);
    f(P::sample({}, head_of(x, n), even_normal(n)).squeeze(1)).mean().backward();
    const auto exact =
        support::slope([&](const at::Tensor& t) { return integral<P>(head_of, t, low, high, f); }, theta, 1e-4);
    return verdict().expect(support::close(x.grad(), exact, 1e-3),
                            "the pathwise gradient is the slope of the expectation");
  }

/// The mode is a function of the head, and an action.
template <tessera::Policy P>
verdict mode_is_an_action(const typename P::params& h, const head<at::Tensor>& x) {
  const auto a = P::mode(h, x);
  verdict v;
  v.expect(at::equal(P::mode(h, x), a), "equal heads give equal modes");
  if constexpr (std::same_as<typename P::space, tessera::Continuous>)
    v.expect(a.abs().max().template item<double>() <= 1, "the mode is an action");
  else
    v.expect(a.dim() == 1 && a.min().template item<std::int64_t>() >= 0 &&
                 a.max().template item<std::int64_t>() < x.out.size(-1),
             "the mode is an action");
  return v;
}

/// exp(log_probs) sums to one and agrees with log_prob; samples have these frequencies.
template <tessera::EnumerablePolicy P>
  requires tessera::SamplingPolicy<P> verdict finite_distribution(const typename P::params& h,
                                                                  const at::Tensor& logits) {
    const auto count = logits.numel();
    const head<at::Tensor> x{logits.view({1, -1}), {}};
    const auto p = P::log_probs(h, x).exp().squeeze(0);
    verdict v;
    v.expect(near(support::number(p.sum()), 1, 1e-6), "the probabilities sum to one",
             std::to_string(support::number(p.sum())));
    for (std::int64_t a = 0; a < count; ++a) {
      const double one = support::number(P::log_prob(h, x, torch::tensor({a}, at::kLong))),
                   same = std::log(support::number(p[a]));
      v.expect(near(one, same, 1e-5 * (1 + std::abs(same))), "log_prob is that of log_probs", versus(one, same));
    }

    const std::int64_t n = 200000;
    torch::manual_seed(9);
    const auto drawn =
        P::sample(h, {logits.view({1, -1}).expand({n, count}), {}}, at::rand({n, P::noise_size(count)}, at::kDouble));
    const auto share = at::bincount(drawn, {}, count).to(at::kDouble) / double(n);
    v.expect(support::close(share, p, 0.005), "samples have these frequencies");
    return v;
  }
}  // namespace laws
