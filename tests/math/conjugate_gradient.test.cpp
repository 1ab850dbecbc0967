#include <tessera/math/conjugate_gradient.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
at::Tensor solve(const at::Tensor& a, const at::Tensor& b, std::int64_t iterations) {
  return math::conjugate_gradient([&](const at::Tensor& v) -> at::Tensor { return a.matmul(v); }, b, iterations);
}
}  // namespace

TEST_CASE("conjugate gradient by hand", "[math]") {
  // A = [[2, 1], [1, 3]], b = (1, 0).  First step along b: a = 1 / 2, x = (1/2, 0), r = (0, -1/2).  Then x = (3/5,
  // -1/5), exactly.
  const auto a = matrix(2, 2, {2, 1, 1, 3}), b = row({1, 0});
  CHECK(close(solve(a, b, 1), row({0.5, 0})));
  CHECK(close(solve(a, b, 2), row({0.6, -0.2})));
}

TEST_CASE("conjugate gradient agrees with a direct solution", "[math]") {
  torch::manual_seed(2);
  const auto m = at::randn({12, 12}, at::kDouble), a = m.matmul(m.t()) + 0.5 * at::eye(12, at::kDouble),
             b = at::randn({12}, at::kDouble);
  CHECK(close(solve(a, b, 12), at::linalg_solve(a, b), 1e-8));
  // Three distinct eigenvalues: three steps.
  const auto q = std::get<0>(at::linalg_qr(m));
  const auto few = q.matmul(at::diag(row({1, 1, 1, 1, 2, 2, 2, 2, 5, 5, 5, 5}))).matmul(q.t());
  CHECK(close(solve(few, b, 3), at::linalg_solve(few, b), 1e-10));
}

TEST_CASE("iterations beyond the solution change nothing", "[math]") {
  const auto a = matrix(2, 2, {2, 1, 1, 3}), b = row({1, 0});
  CHECK(close(solve(a, b, 50), row({0.6, -0.2})));
  CHECK(close(solve(a, at::zeros({2}, at::kDouble), 5), at::zeros({2}, at::kDouble)));
  const auto single = solve(a.to(at::kFloat), b.to(at::kFloat), 200);
  CHECK(close(single, row({0.6, -0.2}), 1e-5));
}
