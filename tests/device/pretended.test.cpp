#include "helpers/pretend_device.hpp"

#include "helpers/tensors.hpp"

using namespace support;

TEST_CASE("the pretended device computes as the CPU does, on memory of its own", "[device]") {
  const auto device = pretended::begin();
  const auto x = matrix(2, 3, {1, -2, 3, 4, 5, -6});
  const auto y = x.to(device);
  CHECK(y.device() == device);
  CHECK(close(y.cpu(), x));
  CHECK(close((2 * y + 1).cpu(), 2 * x + 1));
  CHECK(close(y.t().select(0, 1).cpu(), row({-2, 5})));
  CHECK_FALSE(*y.data_ptr<double>() == 1);  // code that reads it as the CPU's finds something else
  auto z = y.clone();
  z.select(1, 0).add_(10);
  CHECK(close(z.cpu(), matrix(2, 3, {11, -2, 3, 14, 5, -6})));
  CHECK(close(y.cpu(), x));
}

TEST_CASE("tensors of the pretended device and the CPU do not mix, but for scalars", "[device]") {
  const auto device = pretended::begin();
  const auto x = row({1, 2}), y = x.to(device);
  CHECK(close((y * at::ones({}, at::kDouble)).cpu(), x));
  CHECK_THROWS(y + x);
  CHECK_THROWS(at::cat({x, y}));
  CHECK_THROWS(y.gather(0, torch::tensor({0, 1}, at::kLong)));
  CHECK_THROWS(at::mm(y.view({1, 2}), x.view({2, 1})));
}

TEST_CASE("gradients on the pretended device are the CPU's", "[device]") {
  const auto x = leaf(row({1, 2}).to(pretended::begin()));
  (x.square() * x).sum().backward();
  CHECK(close(x.grad().cpu(), row({3, 12})));
}
