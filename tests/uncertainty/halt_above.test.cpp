#include <tessera/compose/step.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/uncertainty/halt_above.hpp>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
using Halt = HaltAbove<Disagreement>;
using State = Halt::state<torch_backend>;
struct Step : FixedStepWithState<GaussianPolicy, State> {
  double scale = 1, shift = 0;
  Step() { this->mask = row({1}); }  // a log of a task that does not end
  double discount() const { return 0.9; }
  at::Tensor learner_rewards(const at::Tensor& r) const { return r * scale + shift; }
  at::Tensor task_rewards(const at::Tensor& r) const { return (r - shift) / scale; }
};
/// Two members whose states differ by the given amounts.
Prediction<at::Tensor> apart(std::initializer_list<double> by) {
  const auto u = row(by), z = at::zeros_like(u);
  return {at::stack({at::stack({z, z}, 1), at::stack({u, z}, 1)}), at::zeros({2, u.size(0), 2}, at::kDouble),
          at::stack({z, z}) - 1};
}
}  // namespace

TEST_CASE("the threshold and the price of HALT are found from the data", "[uncertainty]") {
  State found({}, problem_spec<torch_backend>{1, 1, 0, at::kCPU});
  Step step;
  step.own = &found;
  Halt::calibrate({}, step, apart({0.5, 2, 1}), row({-1, -3, 0}));
  Halt::calibrate({}, step, apart({1.5}), row({-2}));
  CHECK(number(found.max_uncertainty.value) == 2);
  CHECK(number(found.min_reward.value) == -3);

  // T = 2 / pessimism; v_halt = (-3 - penalty) / (1 - 0.9).
  const auto penalized = [&](double pessimism, double penalty) {
    imagined<at::Tensor> x{at::zeros({4, 1}, at::kDouble), row({1, 1, 1, 1}), row({1, 1, 1, 0})};
    const auto u = Halt::penalize({.pessimism = pessimism, .penalty = penalty}, step, apart({1, 2, 2.1, 5}), x);
    CHECK(close(u, row({1, 2, 2.1, 5})));
    return x;
  };
  auto x = penalized(1, 0);
  CHECK(close(x.not_done, row({1, 1, 0, 0})));
  CHECK(close(x.reward, row({1, 1, 1 - 0.9 * 30, 1}), 1e-6));  // the last ended by itself: no HALT after the end
  x = penalized(2, 1);
  CHECK(close(x.not_done, row({1, 0, 0, 0})));
  CHECK(close(x.reward, row({1, 1 - 0.9 * 40, 1 - 0.9 * 40, 1}), 1e-6));
}

TEST_CASE("the price is that of staying in HALT forever", "[uncertainty]") {
  // r(s,a) now, then every step the smallest logged reward minus kappa, with gamma = .9: by summation.
  double sum = 1, factor = 1;
  for (int t = 0; t < 2000; ++t) sum += (factor *= 0.9) * (-3 - 0.5);
  State found({}, problem_spec<torch_backend>{1, 1, 0, at::kCPU});
  Step step;
  step.own = &found;
  Halt::calibrate({}, step, apart({1}), row({-3}));
  imagined<at::Tensor> x{at::zeros({1, 1}, at::kDouble), row({1}), row({1})};
  Halt::penalize({.pessimism = 1, .penalty = 0.5}, step, apart({7}), x);
  // Its target needs nothing from what follows, whatever the critic says there.
  CHECK(number(x.reward + 0.9 * x.not_done * 12345) == Approx(sum));
}

TEST_CASE("in the learner's units the price is that of HALT forever, whatever their scale and shift", "[uncertainty]") {
  for (const double scale : {0.01, 1.0, 250.0})
    for (const double shift : {-1.0, 0.0, 5.0}) {
      CAPTURE(scale, shift);
      State found({}, problem_spec<torch_backend>{1, 1, 0, at::kCPU});
      Step step;
      step.own = &found, step.scale = scale, step.shift = shift;
      Halt::calibrate({}, step, apart({1, 1}), row({-3, 4}));
      imagined<at::Tensor> x{at::zeros({3, 1}, at::kDouble), row({2, 2, 2}), row({1, 1, 0})};
      Halt::penalize({.pessimism = 1, .penalty = 0.5}, step, apart({7, 1, 7}), x);
      // r now, then the smallest logged reward minus kappa at every step, each as the learner sees it: by summation.
      double sum = scale * 2 + shift, factor = 1;
      for (int t = 0; t < 2000; ++t) sum += (factor *= 0.9) * (scale * (-3 - 0.5) + shift);
      const auto target = step.learner_rewards(x.reward) + 0.9 * x.not_done * 0.0;
      CHECK(number(target[0]) == Approx(sum).epsilon(1e-5));
      CHECK(number(target[1]) == Approx(scale * 2 + shift));  // known
      CHECK(number(target[2]) == Approx(scale * 2 + shift));  // over by itself
    }
}

TEST_CASE("HALT is never better than a known state, in units of any scale and shift", "[uncertainty]") {
  // The rewards of a log, and the value of its worst known state: the smallest reward forever, or if the log has ends,
  // termination at once.
  const auto rewards = row({0, 1, 0.25});
  for (const double scale : {1.0, 30.0})
    for (const double shift : {-1.0, -0.5, 0.0, 0.5, 5.0})
      for (const bool ends : {false, true}) {
        CAPTURE(scale, shift, ends);
        State found({}, problem_spec<torch_backend>{1, 1, 0, at::kCPU});
        Step step;
        step.own = &found, step.scale = scale, step.shift = shift;
        if (ends) step.mask = row({1, 0, 1});
        Halt::calibrate({}, step, apart({1, 1, 1}), rewards);
        imagined<at::Tensor> x{at::zeros({1, 1}, at::kDouble), row({0}), row({1})};
        Halt::penalize({}, step, apart({7}), x);
        const double halt = number(step.learner_rewards(x.reward)) - shift,
                     min = shift;  // gamma times what HALT is worth
        const double for_ever = 0.9 * min / (1 - 0.9), over = 0.9 * min, nothing = 0;
        CHECK(halt <= Approx(for_ever).margin(1e-6));
        if (ends) CHECK((halt <= over + 1e-6 && halt <= nothing + 1e-6));
      }
}
