#include <tessera/uncertainty/halt_above.hpp>
#include <tessera/compose/step.hpp>
#include <tessera/policy/gaussian.hpp>

#include "support/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
using Halt = HaltAbove<Disagreement>;
using State = Halt::state<torch_backend>;
struct Step : FixedStepWithState<GaussianPolicy, State> {
  double discount() const { return 0.9; }
};
/// Two members whose states differ by the given amounts.
forecast<at::Tensor> apart(std::initializer_list<double> by) {
  const auto u = row(by), z = at::zeros_like(u);
  return {at::stack({at::stack({z, z}, 1), at::stack({u, z}, 1)}), at::zeros({2, u.size(0), 2}, at::kDouble), at::stack({z, z}) - 1};
}
}  // namespace

TEST_CASE("the threshold and the price of HALT are found from the data", "[uncertainty]") {
  State found({}, problem_spec<torch_backend>{1, 1, 0, at::kCPU});
  Step step;
  step.own = &found;
  Halt::calibrate({}, step, apart({0.5, 2, 1}), row({-1, -3, 0}));
  Halt::calibrate({}, step, apart({1.5}), row({-2}));
  CHECK(number(found.most_doubt.value) == 2);
  CHECK(number(found.least_reward.value) == -3);

  // T = 2 / pessimism; v_halt = (-3 - penalty) / (1 - 0.9).
  const auto charged = [&](double pessimism, double penalty) {
    imagined<at::Tensor> x{at::zeros({4, 1}, at::kDouble), row({1, 1, 1, 1}), row({1, 1, 1, 0})};
    const auto u = Halt::charge({.pessimism = pessimism, .penalty = penalty}, step, apart({1, 2, 2.1, 5}), x);
    CHECK(close(u, row({1, 2, 2.1, 5})));
    return x;
  };
  auto x = charged(1, 0);
  CHECK(close(x.not_done, row({1, 1, 0, 0})));
  CHECK(close(x.reward, row({1, 1, 1 - 0.9 * 30, 1}), 1e-6));  // the last ended by itself: no HALT after the end
  x = charged(2, 1);
  CHECK(close(x.not_done, row({1, 0, 0, 0})));
  CHECK(close(x.reward, row({1, 1 - 0.9 * 40, 1 - 0.9 * 40, 1}), 1e-6));
}

TEST_CASE("the price is that of staying in HALT for ever", "[uncertainty]") {
  // r(s,a) now, then every step the least logged reward less kappa, with gamma = .9: by summation.
  double sum = 1, factor = 1;
  for (int t = 0; t < 2000; ++t) sum += (factor *= 0.9) * (-3 - 0.5);
  State found({}, problem_spec<torch_backend>{1, 1, 0, at::kCPU});
  Step step;
  step.own = &found;
  Halt::calibrate({}, step, apart({1}), row({-3}));
  imagined<at::Tensor> x{at::zeros({1, 1}, at::kDouble), row({1}), row({1})};
  Halt::charge({.pessimism = 1, .penalty = 0.5}, step, apart({7}), x);
  // Its target needs nothing from what follows, whatever the critic says there.
  CHECK(number(x.reward + 0.9 * x.not_done * 12345) == Approx(sum));
}
