#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/select/best_of.hpp>
#include <tessera/select/greedy.hpp>
#include <tessera/select/mode.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/select/supported_greedy.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("the mode of a policy is selected", "[select]") {
  FixedStep<GaussianPolicy> step;
  step.heads[now] = {matrix(1, 1, {std::atanh(0.5)}), row({0})};
  CHECK(close(Mode::act({}, step), matrix(1, 1, {0.5})));
  FixedStep<CategoricalPolicy> discrete;
  discrete.heads[now] = {matrix(2, 3, {0, 2, 1, 5, 2, 1}), {}};
  CHECK(at::equal(Mode::act({}, discrete), torch::tensor({1, 0}, at::kLong)));
}

TEST_CASE("a sample of a policy is selected", "[select]") {
  FixedStep<GaussianPolicy> step;
  step.heads[now] = {matrix(1, 1, {std::atanh(0.5)}), row({std::log(0.5)})};
  step.noise = {matrix(1, 1, {-0.5})};
  CHECK(close(Sample::act({}, step), matrix(1, 1, {0.25})));
  CHECK(step.draws == 1);
}

TEST_CASE("the action of greatest least value is selected", "[select]") {
  FixedStep<CategoricalPolicy> step;
  // Two members, one state: (9, 3, 4) and (1, 3, 2): the minimum (1, 3, 2) is largest at 1, the mean (5, 3, 3) at 0.
  step.fixed_all = only_at(now, row({9, 3, 4, 1, 3, 2}).view({2, 1, 3}));
  CHECK(at::equal(Greedy::act({}, step), torch::tensor({1}, at::kLong)));
}

TEST_CASE("of supported actions the one of greatest least value is selected", "[select]") {
  FixedStep<CategoricalPolicy> step;
  step.fixed_all = only_at(now, row({9, 3, 4, 1, 3, 2}).view({2, 1, 3}));  // the minimum: (1, 3, 2)
  step.supported = only_at(now, matrix(1, 3, {1, 0, 1}));
  CHECK(at::equal(SupportedGreedy::act({}, step), torch::tensor({2}, at::kLong)));
}

TEST_CASE("the best of a policy's samples is selected", "[select]") {
  FixedStep<GaussianPolicy> step;
  step.heads[now] = {matrix(2, 1, {0, 0}), row({0})};
  step.noise = {matrix(2, 3, {0.1, 0.2, 0.3, -0.1, -0.2, -0.3})};
  step.fixed_many_q = [](place where, const at::Tensor& a) {
    CHECK(where == now);
    CHECK(a.sizes() == at::IntArrayRef({2, 3, 1}));
    // The minimum of the members: (1, 5, 3) and (0, 0, 2).
    return row({1, 9, 3, 7, 0, 2, 8, 5, 4, 0, 6, 6}).view({2, 2, 3});
  };
  CHECK(close(BestOf::act({.samples = 3}, step), matrix(2, 1, {0.2, -0.3})));
}
