#include <tessera/compose/step.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/uncertainty/next_value_std.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Four members at two imagined transitions, the first three of them elites; Q(s', a) = s' and 2 s', of which the least
/// counts.
struct Step : FixedStepWithState<GaussianPolicy, int, GaussianEnsembleParams> {
  std::vector<at::Tensor> seen;
  at::Tensor task_states(const at::Tensor& s) { return s; }
  at::Tensor task_actions(const at::Tensor& a) { return a; }
  at::Tensor learner_states(const at::Tensor& s) { return s; }
  Prediction<at::Tensor> members(const at::Tensor& s, const at::Tensor&) {
    seen.push_back(s);
    const auto mu = row({1, 5, /**/ 2, 5, /**/ 6, 5, /**/ 100, 100}).view({4, 2, 1});
    return {at::cat({mu, mu * 0}, -1), at::full({4, 2, 2}, 0.5, at::kDouble), at::zeros({4, 2}, at::kDouble)};
  }
  struct Drawn {
    at::Tensor sample() const { return {}; }
  };
  Drawn pi(const at::Tensor&) { return {}; }
  at::Tensor q(const at::Tensor& s, const at::Tensor&, decltype(as::target)) {
    return at::stack({s.squeeze(1), 2 * s.squeeze(1)});
  }
  void log(const char*, const at::Tensor&) {}
};
}  // namespace

TEST_CASE("the uncertainty of the next value, computed by hand", "[uncertainty]") {
  Step step;
  step.own_params.elites = 3;
  step.states = only_at(now, matrix(3, 1, {7, 8, 9}));
  step.actions = matrix(3, 1, {0, 0, 0}), step.rewards = row({0, 0, 0}), step.mask = row({1, 1, 1});
  step.logged_rows = 1;
  // Two draws for each elite at each transition, of noise +-1 at the first elite's first, else none.
  auto noise = at::zeros({12, 1}, at::kDouble);
  noise[0] = 1, noise[1] = -1;
  step.noise = {noise};
  const auto penalized = NextValueStd::penalty({.weight = 2, .samples = 2}, step);
  // Values 1, 2, 6 (the noise has mean 0): deviation sqrt((4 + 1 + 9) / 2); the second transition's are equal; the
  // logged one pays nothing.
  CHECK(close(penalized, row({0, 2 * std::sqrt(7.0), 0})));
  REQUIRE(step.seen.size() == 1);
  CHECK(close(step.seen[0], matrix(2, 1, {8, 9})));

  step.logged_rows = -1;
  CHECK(close(NextValueStd::penalty({}, step), row({0, 0, 0})));
  CHECK(step.seen.size() == 1);
}
