#include <tessera/math/gumbel_draw.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("a draw by Gumbel's noise, computed by hand", "[math]") {
  // -log(-log u) of u = 1/e, e^-2, e^-1/4: 0, -log 2, log 4.  At log p = (0, 1, -1): 0, 0.307, 0.386; and with a
  // constant of the row added, the same.
  const auto u = matrix(2, 3, {std::exp(-1.0), std::exp(-2.0), std::exp(-0.25), 0.5, 0.5, 0.5});
  CHECK(at::equal(math::gumbel_draw(matrix(2, 3, {0, 1, -1, 5, 7, 6}), u), torch::tensor({2, 1}, at::kLong)));
  CHECK(at::equal(math::gumbel_draw(matrix(2, 3, {0, 1, -1.1, -95, -93, -94}), u), torch::tensor({1, 1}, at::kLong)));
  // Numbers at the ends of [0, 1) are noise as others: the largest there can be, 16, and the least, -3.8.
  CHECK(math::gumbel_draw(row({0, 15}).to(at::kFloat), row({1 - 1e-9, 0.5}).to(at::kFloat)).item<std::int64_t>() == 0);
  CHECK(math::gumbel_draw(row({0, 17}).to(at::kFloat), row({1 - 1e-9, 0.5}).to(at::kFloat)).item<std::int64_t>() == 1);
  CHECK(math::gumbel_draw(row({4.5, 0}).to(at::kFloat), row({0, 0.5}).to(at::kFloat)).item<std::int64_t>() == 0);
  CHECK(math::gumbel_draw(row({4, 0}).to(at::kFloat), row({0, 0.5}).to(at::kFloat)).item<std::int64_t>() == 1);
}

TEST_CASE("the draw has its probabilities", "[math]") {
  torch::manual_seed(3);
  const auto p = row({0.1, 0.6, 0.3});
  const at::Tensor log_p = p.log().expand({100'000, 3});
  const auto k = math::gumbel_draw(log_p, at::rand({100'000, 3}, at::kDouble));
  CHECK(close(at::bincount(k, {}, 3).to(at::kDouble) / 1e5, p, 0.01));
}
