#include <tessera/uncertainty/measures.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Three members at two transitions of a task with two numbers in its state; the third is the reward.
Prediction<at::Tensor> prediction() {
  return {row({0, 0, 9, /**/ 1, 1, 0, /**/ 3, 4, -9, /**/ 1, 1, 5, /**/ 0, 8, 0, /**/ 1, 1, -5}).view({3, 2, 3}),
          row({1, 2, 2, /**/ 1, 0, 0, /**/ 0, 0, 1, /**/ 0, 0, 0, /**/ 2, 3, 6, /**/ 0, 0.5, 0}).view({3, 2, 3}),
          at::zeros({3, 2}, at::kDouble)};
}
}  // namespace

TEST_CASE("measures of uncertainty, computed by hand", "[uncertainty]") {
  CHECK(close(MaxStd::measure(prediction()), row({7, 1})));  // |(2,3,6)| = 7 beats 3 and 1; |(1,0,0)|
  // Pairs of (0,0), (3,4), (0,8): 5, 8, 5.  Rewards do not count, so the second transition has none.
  CHECK(close(Disagreement::measure(prediction()), row({8, 0})));
  // Variances over members of 0,3,0 and of 0,4,8: 2 and 32/3; their mean's root.
  CHECK(close(EnsembleStd::measure(prediction()), row({std::sqrt((2 + 32.0 / 3) / 2), 0})));
}

TEST_CASE("members that agree, without noise, leave no uncertainty", "[uncertainty]") {
  const Prediction<at::Tensor> same{row({1, 2, 3}).expand({4, 1, 3}), at::zeros({4, 1, 3}, at::kDouble),
                                    at::zeros({4, 1}, at::kDouble)};
  CHECK(number(MaxStd::measure(same)) == 0);
  CHECK(number(Disagreement::measure(same)) == 0);
  CHECK(number(EnsembleStd::measure(same)) == 0);
}
