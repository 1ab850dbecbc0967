#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/scaled_tanh_gaussian.hpp>
#include <tessera/policy/sigmoid_std_gaussian.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
constexpr double half_log_two_pi = 0.918938533204673;
}

TEST_CASE("the Gaussian policy, computed by hand", "[policy]") {
  const GaussianParams h;
  const head<at::Tensor> x{matrix(1, 2, {0, std::atanh(0.5)}), row({0, std::log(0.5)})};
  CHECK(close(GaussianPolicy::mode(h, x), matrix(1, 2, {0, 0.5})));
  // z = (.8, -1): -.32 - .5 - log .5 - log 2 pi
  CHECK(number(GaussianPolicy::log_prob(h, x, matrix(1, 2, {0.8, 0}))) ==
        Approx(-0.82 + std::log(2.0) - 2 * half_log_two_pi));
  CHECK(close(GaussianPolicy::sample(h, x, matrix(1, 2, {0.3, -4})), matrix(1, 2, {0.3, -1})));  // clipped at -1.5
  // The density is that of the sample before the clip: z = (.3, -4).
  CHECK(number(GaussianPolicy::sample_with_log_prob(h, x, matrix(1, 2, {0.3, -4})).log_prob) ==
        Approx(-0.045 - 8 + std::log(2.0) - 2 * half_log_two_pi));
  CHECK(GaussianPolicy::layout(h, 3).outputs == 3);
  CHECK(GaussianPolicy::layout(h, 3).state_independent == 3);
}

TEST_CASE("the policy with a sigmoid's log-std, computed by hand", "[policy]") {
  SigmoidStdGaussianPolicy::params h;
  // sigmoid(log 2) = 2/3, sigmoid(log 5) = 5/6: log sigma = -2 and -1.
  const head<at::Tensor> x{matrix(1, 2, {0, std::atanh(0.5)}), row({std::log(2.0), std::log(5.0)})};
  CHECK(close(SigmoidStdGaussianPolicy::log_std(h, x), row({-2, -1})));
  CHECK(close(SigmoidStdGaussianPolicy::mode(h, x), matrix(1, 2, {0, 0.5})));
  // z = (1, -2): -.5 - 2 + 2 + 1 - log 2 pi
  const double s = std::exp(-2.0), t = std::exp(-1.0);
  CHECK(number(SigmoidStdGaussianPolicy::log_prob(h, x, matrix(1, 2, {s, 0.5 - 2 * t}))) ==
        Approx(0.5 - 2 * half_log_two_pi));
  // Neither squashed nor clipped.
  const auto drawn = SigmoidStdGaussianPolicy::sample_with_log_prob(h, x, matrix(1, 2, {1, 3}));
  CHECK(close(drawn.action, matrix(1, 2, {s, 0.5 + 3 * t})));
  CHECK(number(drawn.action[0][1]) > 1);
  CHECK(number(drawn.log_prob) == Approx(-0.5 - 4.5 + 3 - 2 * half_log_two_pi));
  h.log_std_min = -2, h.log_std_max = 1;
  CHECK(close(SigmoidStdGaussianPolicy::log_std(h, x), row({0, 0.5})));
  CHECK(SigmoidStdGaussianPolicy::layout(h, 3).outputs == 3);
  CHECK(SigmoidStdGaussianPolicy::layout(h, 3).state_independent == 3);
}

TEST_CASE("log-stds stay between their bounds", "[policy]") {
  GaussianParams h;
  h.log_std_min = -1;
  h.log_std_max = 0.5;
  CHECK(
      close(GaussianPolicy::log_std(h, head<at::Tensor>{matrix(1, 3, {0, 0, 0}), row({-2, 0, 2})}), row({-1, 0, 0.5})));
  CHECK(close(TanhGaussianPolicy::log_std(h, head<at::Tensor>{matrix(1, 4, {9, 9, -2, 2}), {}}),
              matrix(1, 2, {-1, 0.5})));
  CHECK(close(StateDependentGaussianPolicy::log_std(h, head<at::Tensor>{matrix(1, 4, {9, 9, -2, 2}), {}}),
              matrix(1, 2, {-1, 0.5})));
  CHECK(TanhGaussianPolicy::layout(h, 3).outputs == 6);
}

TEST_CASE("the policy with a log-std of its own for every state, computed by hand", "[policy]") {
  const GaussianParams h;
  const head<at::Tensor> x{matrix(2, 2, {0, 0, std::atanh(0.5), std::log(0.5)}), {}};
  CHECK(close(StateDependentGaussianPolicy::mode(h, x), matrix(2, 1, {0, 0.5})));
  CHECK(close(StateDependentGaussianPolicy::log_prob(h, x, matrix(2, 1, {1, 0})),
              row({-0.5 - half_log_two_pi, -0.5 + std::log(2.0) - half_log_two_pi})));
}

TEST_CASE("the squashed Gaussian policy, computed by hand", "[policy]") {
  const GaussianParams h;
  const head<at::Tensor> x{matrix(1, 2, {0.3, std::log(0.5)}), {}};
  // a = .4, u = atanh .4 = .42364893: log N(u; .3, .5) - log(1 - .16)
  CHECK(number(TanhGaussianPolicy::log_prob(h, x, matrix(1, 1, {0.4}))) == Approx(-0.082016081).margin(1e-8));
  CHECK(number(TanhGaussianPolicy::mode(h, x)) == Approx(std::tanh(0.3)));
  const auto drawn = TanhGaussianPolicy::sample_with_log_prob(h, x, matrix(1, 1, {(0.42364893 - 0.3) / 0.5}));
  CHECK(number(drawn.action) == Approx(0.4));
  CHECK(number(drawn.log_prob) == Approx(-0.082016081).margin(1e-7));

  // On the bound of the box the density is that of 1 - 1e-5, and its gradient is finite.
  const auto theta = leaf(x.out);
  const auto at_bound = TanhGaussianPolicy::log_prob(h, {theta, {}}, matrix(1, 1, {1}));
  CHECK(number(at_bound) == Approx(number(TanhGaussianPolicy::log_prob(h, x, matrix(1, 1, {1 - 1e-5})))));
  at_bound.backward();
  CHECK(theta.grad().isfinite().all().item<bool>());
}

TEST_CASE("the squashed Gaussian policy whose log-std is scaled and shifted, computed by hand", "[policy]") {
  using P = ScaledTanhGaussianPolicy;
  GaussianParams h;
  CHECK((P::layout(h, 3).outputs == 6 && P::layout(h, 3).state_independent == 2 &&
         P::layout(h, 3).state_independent_init == 0));
  // As it begins: log sigma = g - 1.  With m - 1 = 1 and o + 1 = -1: 2 g - 2, between its bounds.
  CHECK(close(P::log_std(h, head<at::Tensor>{matrix(1, 2, {9, 0.4}), row({0, 0})}), matrix(1, 1, {-0.6})));
  CHECK(close(P::log_std(h, head<at::Tensor>{matrix(1, 6, {9, 9, 9, 0.4, -3, 5}), row({1, -1})}),
              matrix(1, 3, {-1.2, -5, 2})));
  // sigma = 1/2 and mu = .3, as of the policy that is not scaled: a = .4, log pi = -.082016081.
  const auto out = leaf(matrix(1, 2, {0.3, 1})), free = leaf(row({0.5, -0.5 - std::log(2.0)}));
  const auto eps = matrix(1, 1, {(0.42364893 - 0.3) / 0.5});
  const head<at::Tensor> x{out, free};
  const auto drawn = P::sample_with_log_prob(h, x, eps);
  CHECK(number(drawn.action) == Approx(0.4));
  CHECK(number(drawn.log_prob) == Approx(-0.082016081).margin(1e-7));
  CHECK(number(P::sample(h, x, eps)) == Approx(0.4));
  CHECK(number(P::mode(h, x)) == Approx(std::tanh(0.3)));
  // d log pi / d log sigma = -1 + 2 a sigma eps, which both numbers feel, m times g.
  drawn.log_prob.sum().backward();
  const double slope = -1 + 2 * 0.4 * 0.5 * number(eps);
  CHECK(close(free.grad(), row({slope * 1, slope}), 1e-6));
  CHECK(close(out.grad(), matrix(1, 2, {2 * 0.4, slope * 1.5}), 1e-6));
}

TEST_CASE("the deterministic policy, computed by hand", "[policy]") {
  const head<at::Tensor> x{matrix(1, 2, {0.5, -30}), {}};
  CHECK(close(DeterministicPolicy::mode({}, x), matrix(1, 2, {std::tanh(0.5), -1})));
  CHECK(close(DeterministicPolicy::sample({}, x, at::Tensor()), matrix(1, 2, {std::tanh(0.5), -1})));
}

TEST_CASE("the categorical policy, computed by hand", "[policy]") {
  // Logits log 1, log 2, log 5: probabilities 1/8, 2/8, 5/8.
  const auto logits = matrix(1, 3, {0, std::log(2.0), std::log(5.0)});
  const head<at::Tensor> x{logits, {}};
  CHECK(close(CategoricalPolicy::log_probs({}, x).exp(), matrix(1, 3, {0.125, 0.25, 0.625})));
  CHECK(number(CategoricalPolicy::log_prob({}, x, torch::tensor({1}, at::kLong))) == Approx(std::log(0.25)));
  CHECK(CategoricalPolicy::mode({}, x).item<std::int64_t>() == 2);
  // Gumbel noise -log(-log u): u = e^-1 adds 0, u = exp(-e^-3) adds 3.  0 + 3 beats log 5 = 1.6.
  const double none = std::exp(-1.0), three = std::exp(-std::exp(-3.0));
  CHECK(CategoricalPolicy::sample({}, x, matrix(1, 3, {three, none, none})).item<std::int64_t>() == 0);
  CHECK(CategoricalPolicy::sample({}, x, matrix(1, 3, {none, none, none})).item<std::int64_t>() == 2);
  // The ends of the interval are no accident's undoing, in the precision that is drawn.
  for (double u : {0.0, 1.0})
    CHECK(CategoricalPolicy::sample({}, {logits.to(at::kFloat), {}}, at::full({1, 3}, u, at::kFloat))
              .item<std::int64_t>() == 2);
}
