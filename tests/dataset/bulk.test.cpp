#include <tessera/dataset/bulk.hpp>
//
#include <catch2/catch.hpp>

using namespace tessera;

namespace {
Bulk bulk_of(const std::vector<float>& x) {
  return bulks(std::int64_t(x.size()), 1, [&](std::int64_t i) { return x.data() + i; })[0];
}
// 1 .. 100, so that the quantiles are 5 and 95.
std::vector<float> hundred() {
  std::vector<float> x;
  for (int i = 1; i <= 100; ++i) x.push_back(float(i));
  return x;
}
}  // namespace

TEST_CASE("a column without outliers has its own mean and deviation") {
  const auto b = bulk_of(hundred());
  CHECK(b.low == 5);
  CHECK(b.high == 95);
  CHECK(b.mean == Approx(50.5));
  CHECK(b.std == Approx(std::sqrt((100.0 * 100 - 1) / 12)));
  CHECK(b.min == 1);
  CHECK(b.max == 100);
  CHECK_FALSE(b.constant());
}

TEST_CASE("an outlier counts as the edge of the bulk, however far it is") {
  auto x = hundred();
  x[49] = 1e30f;  // in place of 50
  const auto b = bulk_of(x);
  const double width = b.high - b.low, edge = b.high + 2 * width;
  CHECK(b.mean == Approx((5050 - 50 + edge) / 100));
  CHECK(b.std < 40);
  CHECK(b.max == 1e30f);
}

TEST_CASE("a column that is nearly always the same has the size of what differs") {
  std::vector<float> x(1000, 2.0f);
  x[10] = 5, x[500] = 6, x[900] = 7;
  const auto b = bulk_of(x);
  CHECK(b.mean == 2);
  CHECK(b.std == 4);  // |5 - 2|, |6 - 2|, |7 - 2|
  CHECK_FALSE(b.constant());
}

TEST_CASE("a constant column, also one that differs by rounding alone") {
  CHECK(bulk_of(std::vector<float>(50, 9.81f)).constant());
  std::vector<float> x(50, 1e7f);
  for (std::size_t i = 0; i < 25; ++i) x[i] = std::nextafter(1e7f, 2e7f);
  CHECK(bulk_of(x).constant());
  CHECK_FALSE(bulk_of({1e-7f, 2e-7f, 3e-7f}).constant());  // tiny is not constant
}

TEST_CASE("of many rows a sample says where the bulk is, and every one counts") {
  std::vector<float> x(200'000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = float(i % 1000) - 499.5f;  // uniform, of period 1000
  x[123'456] = -1e6f;
  const auto b = bulk_of(x);
  CHECK(b.low == Approx(-450).margin(5));
  CHECK(b.high == Approx(450).margin(5));
  CHECK(b.min == -1e6f);
  CHECK(b.std == Approx(288.7).epsilon(0.01));
}
