#include <tessera/select/best_of.hpp>
#include <tessera/select/best_of_target.hpp>
#include <tessera/select/expectile_weighted_of.hpp>
#include <tessera/select/softmax_of.hpp>
//
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/select/sample.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Two states with three actions each, drawn by noise, whose values are those of two critics.
struct three_of_each : FixedStep<TanhGaussianPolicy> {
  explicit three_of_each(double v = 0) {
    heads[now] = {matrix(2, 2, {0, 0, 0, 0}), {}};  // tanh of the noise
    noise = {matrix(2, 3, {0.1, 0.2, 0.3, -1, -2, -3})};
    target_many_q = [](place, const tensor&) {
      return at::stack({matrix(2, 3, {1, 5, 2, 0, 0, 4}), matrix(2, 3, {3, 1, 2, 3, 1, 4})});
    };
    estimate = only_at(now, row({v, v}));
  }
};
double action(double noise) { return std::tanh(noise); }
}  // namespace

TEST_CASE("the best of the policy's actions by the target critics, computed by hand", "[select]") {
  three_of_each step;
  // Least values (1, 1, 2) and (0, 0, 4).
  CHECK(close(BestOfTarget::act({.samples = 3}, step), matrix(2, 1, {action(0.3), action(-3)})));
}

TEST_CASE("the expectile's weights, computed by hand", "[select]") {
  // Above V = 1.5 stands one action of each state; .8 against .2 and .2.
  const auto p = ExpectileWeightedOf::probabilities({.tau = 0.8}, matrix(2, 3, {1, 1, 2, 0, 0, 4}), row({1.5, 1.5}));
  CHECK(close(p, matrix(2, 3, {1 / 6., 1 / 6., 4 / 6., 1 / 6., 1 / 6., 4 / 6.})));
  three_of_each step(1.5);
  // Of the largest log p - log(-log u): at the first state u decides, at the second p does.
  step.noise.push_back(matrix(2, 3, {0.999, 0.5, 0.5, 0.5, 0.5, 0.5}));
  CHECK(close(ExpectileWeightedOf::act({.samples = 3, .tau = 0.8}, step), matrix(2, 1, {action(0.1), action(-3)})));
}

TEST_CASE("a softmax of values, computed by hand", "[select]") {
  three_of_each step;
  // Least values (1, 1, 2) at beta = log 4: 1/6, 1/6, 4/6; and (0, 0, 4).  u = 0.9 is worth a factor of 6.6 over 1/2.
  step.noise.push_back(matrix(2, 3, {0.9, 0.5, 0.5, 0.5, 0.9, 0.5}));
  CHECK(close(SoftmaxOf::act({.samples = 3, .beta = std::log(4.0)}, step), matrix(2, 1, {action(0.1), action(-3)})));
  // At beta = 0 it is plain sampling.
  three_of_each plain;
  plain.noise.push_back(matrix(2, 3, {0.5, 0.6, 0.5, 0.5, 0.6, 0.5}));
  CHECK(close(SoftmaxOf::act({.samples = 3, .beta = 0}, plain), matrix(2, 1, {action(0.2), action(-2)})));
}

TEST_CASE("the best of one is a sample, whatever it is worth", "[select]") {
  const auto one_of_each = [] {
    three_of_each step(1e9);
    step.noise = {matrix(2, 1, {0.3, -2}), matrix(2, 1, {0.5, 0.25})};
    step.fixed_many_q = step.target_many_q = [](place, const at::Tensor& a) {
      CHECK(a.sizes() == at::IntArrayRef({2, 1, 1}));
      return -1e6 * at::ones({2, 2, 1}, at::kDouble);
    };
    return step;
  };
  auto plain = one_of_each();
  const auto sample = Sample::act({}, plain);
  CHECK(close(sample, matrix(2, 1, {action(0.3), action(-2)})));
  auto a = one_of_each(), b = one_of_each(), c = one_of_each(), d = one_of_each();
  CHECK(at::equal(BestOf::act({.samples = 1}, a), sample));
  CHECK(at::equal(BestOfTarget::act({.samples = 1}, b), sample));
  CHECK(at::equal(SoftmaxOf::act({.samples = 1, .beta = 10}, c), sample));
  CHECK(at::equal(ExpectileWeightedOf::act({.samples = 1, .tau = 0.9}, d), sample));
}
