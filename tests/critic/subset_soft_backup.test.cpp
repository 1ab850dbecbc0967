#include <tessera/critic/subset_soft_backup.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>
#include <map>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
struct Step : FixedStep<TanhGaussianPolicy> {
  Step() {
    actions = matrix(2, 1, {0.1, 0.2}), rewards = row({1, 2}), mask = row({1, 0});
    trained_q = [](place, const at::Tensor&) { return leaf(matrix(3, 2, {0, 0, 1, 1, 2, 2})); };
    heads[next] = {matrix(2, 2, {0.3, std::log(0.5), 0, 0}), {}};
    target_q = [](place where, const at::Tensor& a) {
      CHECK(where == next);
      CHECK(number(a[0][0]) == Approx(0.4));
      return matrix(3, 2, {4, 9, 3, 9, 5, 9});
    };
    actor_temperature = always(torch::tensor(2.0, at::kDouble));
    states = always(matrix(2, 1, {0, 0}));
  }
};
SubsetSoftBackup::params three(std::int64_t subset) {
  SubsetSoftBackup::params h;
  h.members = 3, h.discount = 0.5, h.subset = subset;
  return h;
}
const at::Tensor sample =
    matrix(2, 1, {(0.42364893 - 0.3) / 0.5, 0});  // the first action is .4, its log pi -.082016081
}  // namespace

TEST_CASE("a subset's soft backup, computed by hand", "[critic]") {
  Step step;
  // Uniform numbers of the members: the two smallest are those of members 2 and 0, whose least value is 4.
  step.noise = {sample, matrix(1, 3, {0.3, 0.9, 0.1})};
  const double y = 1 + 0.5 * (4 + 2 * 0.082016081);
  const auto loss = only(SubsetSoftBackup::loss(three(2), step), "critic/td");
  const auto square = [](double x) { return x * x; };
  // All members regress to the same target, in the second transition to its reward alone.
  CHECK(number(loss) == Approx((square(y) + 4) / 2 + (square(y - 1) + 1) / 2 + square(y - 2) / 2));
}

TEST_CASE("a subset of all members is the least of them, and draws nothing", "[critic]") {
  Step step;
  step.noise = {sample};
  const double y = 1 + 0.5 * (3 + 2 * 0.082016081);
  const auto square = [](double x) { return x * x; };
  CHECK(number(only(SubsetSoftBackup::loss(three(3), step), "critic/td")) ==
        Approx((square(y) + 4) / 2 + (square(y - 1) + 1) / 2 + square(y - 2) / 2));
  CHECK(step.draws == 1);
}

TEST_CASE("subsets are drawn evenly, without replacement", "[critic]") {
  // The rule itself, with libtorch's numbers: each of the six pairs of four members comes as often.
  auto generator = at::detail::createCPUGenerator(7);
  std::map<std::pair<std::int64_t, std::int64_t>, int> seen;
  constexpr int times = 6000;
  for (int i = 0; i < times; ++i) {
    const auto first = at::rand({1, 4}, generator, at::kDouble).argsort().select(0, 0).narrow(0, 0, 2);
    auto a = first[0].item<std::int64_t>(), b = first[1].item<std::int64_t>();
    REQUIRE(a != b);
    ++seen[{std::min(a, b), std::max(a, b)}];
  }
  REQUIRE(seen.size() == 6);
  for (const auto& [pair, count] : seen) CHECK(std::abs(count - times / 6) < 5 * std::sqrt(times / 6.0));
}
