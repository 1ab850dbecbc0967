#include "laws/policy_laws.hpp"

#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/scaled_tanh_gaussian.hpp>
#include <tessera/policy/sigmoid_std_gaussian.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

using namespace tessera;
using namespace support;

namespace {
const laws::HeadOf shared_std = [](const at::Tensor& theta, std::int64_t rows) {
  return head<at::Tensor>{theta.narrow(0, 0, 1).view({1, 1}).expand({rows, 1}), theta.narrow(0, 1, 1)};
};
const laws::HeadOf own_std = [](const at::Tensor& theta, std::int64_t rows) {
  return head<at::Tensor>{theta.view({1, 2}).expand({rows, 2}), {}};
};
// A log-std of 1.5 y - 0.2: two numbers more, which all states share.
const laws::HeadOf scaled_std = [](const at::Tensor& theta, std::int64_t rows) {
  return head<at::Tensor>{theta.view({1, 2}).expand({rows, 2}), row({0.5, 0.8})};
};
const auto thetas = {row({0.3, -0.9}), row({-0.8, 0.1}), row({0, -1.5})};
at::Tensor normal(at::IntArrayRef sizes) { return at::randn(sizes, at::kDouble); }
}  // namespace

TEST_CASE("densities integrate to one, and samples follow them", "[policy][laws]") {
  for (const auto& theta : thetas) {
    INFO(theta);
    CHECK(laws::density_and_samples<GaussianPolicy>(shared_std, theta, -12, 12));
    CHECK(laws::density_and_samples<StateDependentGaussianPolicy>(own_std, theta, -12, 12));
    CHECK(laws::density_and_samples<SigmoidStdGaussianPolicy>(shared_std, theta, -12, 12));
  }
  // A wider squashed normal puts mass on the last hundred-thousandth of the box, where the density is bounded.
  for (const auto& theta : {row({0.3, -0.9}), row({-0.5, -0.4}), row({0, -1.5})}) {
    INFO(theta);
    CHECK(laws::density_and_samples<TanhGaussianPolicy>(own_std, theta, -1, 1));
    CHECK(laws::density_and_samples<ScaledTanhGaussianPolicy>(scaled_std, theta, -1, 1));
  }
}

TEST_CASE("pathwise gradients are slopes of expectations", "[policy][laws]") {
  for (const auto& theta : thetas) {
    INFO(theta);
    CHECK(laws::pathwise_gradient<GaussianPolicy>(shared_std, theta, -12, 12));
    CHECK(laws::pathwise_gradient<StateDependentGaussianPolicy>(own_std, theta, -12, 12));
    CHECK(laws::pathwise_gradient<SigmoidStdGaussianPolicy>(shared_std, theta, -12, 12));
  }
  CHECK(laws::pathwise_gradient<TanhGaussianPolicy>(own_std, row({0.3, -0.9}), -1, 1));
  CHECK(laws::pathwise_gradient<TanhGaussianPolicy>(own_std, row({-0.5, -0.6}), -1, 1));
  CHECK(laws::pathwise_gradient<ScaledTanhGaussianPolicy>(scaled_std, row({-0.5, -0.4}), -1, 1));
}

TEST_CASE("a sample comes with the log-density that it has", "[policy][laws]") {
  torch::manual_seed(3);
  const GaussianParams h;
  CHECK(laws::pair_agrees<GaussianPolicy>(h, {0.3 * normal({50, 3}), row({-2, -1.5, -2.5})}, normal({50, 3})));
  CHECK(laws::pair_agrees<StateDependentGaussianPolicy>(h, {0.3 * normal({50, 6}) - row({0, 0, 0, 2, 2, 2}), {}},
                                                        normal({50, 3})));
  CHECK(laws::pair_agrees<SigmoidStdGaussianPolicy>({}, {0.3 * normal({50, 3}), row({-1, 0, -0.5})}, normal({50, 3})));
  CHECK(laws::pair_agrees<TanhGaussianPolicy>(h, {0.5 * normal({50, 6}), {}}, normal({50, 3})));
  CHECK(laws::pair_agrees<ScaledTanhGaussianPolicy>(h, {0.5 * normal({50, 6}), row({0.3, -0.2})}, normal({50, 3})));
}

TEST_CASE("a sample is a function of its noise", "[policy][laws]") {
  torch::manual_seed(6);
  const auto eps = normal({50, 3}), other = normal({50, 3});
  CHECK(laws::sample_is_of_its_noise<GaussianPolicy>({}, {0.3 * normal({50, 3}), normal({3}) - 2}, eps, other));
  CHECK(laws::sample_is_of_its_noise<StateDependentGaussianPolicy>({}, {0.3 * normal({50, 6}), {}}, eps, other));
  CHECK(laws::sample_is_of_its_noise<SigmoidStdGaussianPolicy>({}, {0.3 * normal({50, 3}), normal({3})}, eps, other));
  CHECK(laws::sample_is_of_its_noise<TanhGaussianPolicy>({}, {0.3 * normal({50, 6}), {}}, eps, other));
  CHECK(laws::sample_is_of_its_noise<ScaledTanhGaussianPolicy>({}, {0.3 * normal({50, 6}), normal({2})}, eps, other));
  CHECK(laws::sample_is_of_its_noise<DeterministicPolicy>({}, {normal({50, 3}), {}}, {}, {}));
  CHECK(laws::sample_is_of_its_noise<CategoricalPolicy>({}, {normal({50, 3}), {}}, at::rand({50, 3}, at::kDouble),
                                                        at::rand({50, 3}, at::kDouble)));
}

TEST_CASE("a mode is a function, inside the action space", "[policy][laws]") {
  torch::manual_seed(4);
  CHECK(laws::mode_is_an_action<GaussianPolicy>({}, {5 * normal({50, 3}), normal({3})}));
  CHECK(laws::mode_is_an_action<StateDependentGaussianPolicy>({}, {5 * normal({50, 6}), {}}));
  CHECK(laws::mode_is_an_action<SigmoidStdGaussianPolicy>({}, {5 * normal({50, 3}), normal({3})}));
  CHECK(laws::mode_is_an_action<TanhGaussianPolicy>({}, {5 * normal({50, 6}), {}}));
  CHECK(laws::mode_is_an_action<ScaledTanhGaussianPolicy>({}, {5 * normal({50, 6}), normal({2})}));
  CHECK(laws::mode_is_an_action<DeterministicPolicy>({}, {5 * normal({50, 3}), {}}));
  CHECK(laws::mode_is_an_action<CategoricalPolicy>({}, {normal({50, 4}), {}}));
}

TEST_CASE("a Fisher product is the mean of the score times its part along v", "[policy][laws]") {
  // Two dimensions, one state; the score is a polynomial of degree 2 in each dimension's noise.
  const auto gaussian = [&]<class P>(P, const head<at::Tensor>& x, const head<at::Tensor>& v) {
    std::vector<std::pair<at::Tensor, double>> actions;
    for (const auto& [a, pa] : laws::three_normals)
      for (const auto& [b, pb] : laws::three_normals)
        actions.emplace_back(P::unclipped({}, x, matrix(1, 2, {a, b})), pa * pb);
    CHECK(laws::fisher_information<P>(x, v, actions));
  };
  gaussian(GaussianPolicy{}, {matrix(1, 2, {0.4, -1.1}), row({-0.3, 0.6})}, {matrix(1, 2, {1, 0.5}), row({-2, 0.7})});
  gaussian(StateDependentGaussianPolicy{}, {matrix(1, 4, {0.4, -1.1, -0.3, 0.6}), {}},
           {matrix(1, 4, {1, 0.5, -2, 0.7}), {}});
  // A log-std beyond its bounds has no score.
  gaussian(GaussianPolicy{}, {matrix(1, 2, {0.4, -1.1}), row({-5.5, 2.5})}, {matrix(1, 2, {1, 0.5}), row({-2, 0.7})});

  const auto logits = matrix(1, 3, {0.2, -1, 0.9});
  const auto p = logits.softmax(1).squeeze(0);
  std::vector<std::pair<at::Tensor, double>> actions;
  for (std::int64_t a = 0; a < 3; ++a) actions.emplace_back(torch::tensor({a}, at::kLong), number(p[a]));
  CHECK(laws::fisher_information<CategoricalPolicy>({logits, {}}, {matrix(1, 3, {1, -0.5, 2}), {}}, actions));
}

TEST_CASE("what a density is of, clipped, is the action", "[policy][laws]") {
  const head<at::Tensor> x{row({0.2, -0.9, 2, 0.1}).view({2, 2}), row({0.5, 0.1})};
  const auto eps = matrix(2, 2, {3, -0.2, 0.4, -2});
  const auto u = GaussianPolicy::unclipped({}, x, eps);
  CHECK(u.abs().max().item<double>() > 1);
  CHECK(close(u.clamp(-1, 1), GaussianPolicy::sample({}, x, eps)));
}

TEST_CASE("a distribution over finitely many actions", "[policy][laws]") {
  CHECK(laws::finite_distribution<CategoricalPolicy>({}, row({1, -0.5, 0, 2.5})));
  CHECK(laws::finite_distribution<CategoricalPolicy>({}, row({-3, -3})));
  CHECK(laws::finite_distribution<CategoricalPolicy>({}, row({900, 898.5, 890})));  // far from zero
}

namespace {
struct Heavy : GaussianPolicy {
  template <class T>
  static T log_prob(const params& h, const head<T>& x, const T& a) {
    return GaussianPolicy::log_prob(h, x, a) + 0.01;
  }
};
struct Wide : GaussianPolicy {
  template <class T>
  static T sample(const params& h, const head<T>& x, const T& eps) {
    return GaussianPolicy::sample(h, x, T(1.2 * eps));
  }
  template <class T>
  static drawn<T> sample_with_log_prob(const params& h, const head<T>& x, const T& eps) {
    return GaussianPolicy::sample_with_log_prob(h, x, eps);
  }
};
struct Cut : GaussianPolicy {  // no gradient by way of the std
  template <class T>
  static T sample(const params& h, const head<T>& x, const T& eps) {
    return GaussianPolicy::sample(h, head<T>{x.out, x.state_independent.detach()}, eps);
  }
};
struct Outside : DeterministicPolicy {
  template <class T>
  static T mode(const params&, const head<T>& x) {
    return x.out;
  }
};
struct Restless : GaussianPolicy {
  template <class T>
  static T sample(const params& h, const head<T>& x, const T& eps) {
    return GaussianPolicy::sample(h, x, T(eps + randn_like(eps)));
  }
};
struct Blunt : GaussianPolicy {
  template <class T>
  static head<T> fisher(const params&, const head<T>&, const head<T>& v) {
    return v;
  }
};
struct Unequal : CategoricalPolicy {
  template <class T>
  static T log_probs(const params&, const head<T>& x) {
    return x.out;
  }
};
}  // namespace

TEST_CASE("the laws of policies find out who breaks them", "[policy][laws]") {
  const auto theta = row({0.3, -0.9});
  CHECK(laws::density_and_samples<Heavy>(shared_std, theta, -12, 12).breaks("the density integrates to one"));
  CHECK(laws::density_and_samples<Wide>(shared_std, theta, -12, 12).breaks("samples follow the density"));
  CHECK(laws::pathwise_gradient<Cut>(shared_std, theta, -12, 12).breaks("the pathwise gradient"));
  const head<at::Tensor> x{0.3 * normal({50, 3}), row({-2, -1.5, -2.5})};
  CHECK(laws::pair_agrees<Wide>({}, x, normal({50, 3})).breaks("the pair's action is the sample"));
  CHECK(laws::sample_is_of_its_noise<Restless>({}, x, normal({50, 3}), normal({50, 3}))
            .breaks("equal noise gives equal actions"));
  CHECK(laws::mode_is_an_action<Outside>({}, {5 * normal({50, 3}), {}}).breaks("the mode is an action"));
  std::vector<std::pair<at::Tensor, double>> actions;
  const head<at::Tensor> one{matrix(1, 1, {0.4}), row({-0.3})};
  for (const auto& [eps, p] : laws::three_normals)
    actions.emplace_back(GaussianPolicy::unclipped({}, one, matrix(1, 1, {eps})), p);
  CHECK(laws::fisher_information<Blunt>(one, {matrix(1, 1, {1}), row({-2})}, actions)
            .breaks("the product is the mean score"));
  CHECK(laws::finite_distribution<Unequal>({}, row({1, -0.5, 0, 2.5})).breaks("the probabilities sum to one"));
}
