#include <tessera/math/chosen.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("each state's action is that of its own index", "[math]") {
  // Two states, three actions each, of two numbers.
  const at::Tensor a = matrix(6, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).reshape({2, 3, 2});
  const auto k = [](std::vector<std::int64_t> i) { return torch::tensor(i, at::kLong); };
  CHECK(at::equal(math::chosen(a, k({2, 0})), matrix(2, 2, {5, 6, 7, 8})));
  CHECK(at::equal(math::chosen(a, k({1, 1})), matrix(2, 2, {3, 4, 9, 10})));
  CHECK(at::equal(math::chosen(at::Tensor(a.slice(1, 0, 1)), k({0, 0})), matrix(2, 2, {1, 2, 7, 8})));
}
