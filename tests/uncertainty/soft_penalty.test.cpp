#include <tessera/uncertainty/soft_penalty.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("uncertainty is taken off the reward, and nothing else", "[uncertainty]") {
  const Prediction<at::Tensor> prediction{row({0, 0, 2, 0}).view({2, 1, 2}), row({3, 4, 0, 1}).view({2, 1, 2}),
                                          at::zeros({2, 1}, at::kDouble)};
  imagined<at::Tensor> x{matrix(1, 1, {7}), row({10}), row({1})};
  struct Step {
    using tensor = at::Tensor;
  } none;
  const auto u = SoftPenalty<MaxStd>::penalize({.weight = 0.5}, none, prediction, x);
  CHECK(number(u) == 5);
  CHECK(number(x.reward) == 7.5);
  CHECK(number(x.next) == 7);
  CHECK(number(x.not_done) == 1);
  SoftPenalty<Disagreement>::penalize({.weight = 2}, none, prediction, x);
  CHECK(number(x.reward) == 3.5);
  SoftPenalty<EnsembleStd>::penalize({.weight = 1}, none, prediction, x);
  CHECK(number(x.reward) == 2.5);
}
