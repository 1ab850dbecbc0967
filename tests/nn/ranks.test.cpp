#include <tessera/nn/ranks.hpp>
//
#include <ATen/Functions.h>

#include <catch2/catch.hpp>
#include <tessera/nn/scalar.hpp>
#include <tessera/support/error.hpp>

using namespace tessera;

namespace {
/// Rank `at` of two; the other has what a test says, for each sum in turn.
class WithOther : public nn::Ranks {
 public:
  WithOther(int at, std::vector<at::Tensor> other) : at_(at), other_(std::move(other)) {}
  int rank() const override { return at_; }
  int size() const override { return 2; }
  void sum(at::Tensor& x) override {
    sums.push_back(x.clone());
    x.add_(other_.at(sums.size() - 1));
  }
  void broadcast(at::Tensor&) override {}
  std::vector<at::Tensor> sums;

 private:
  int at_;
  std::vector<at::Tensor> other_;
};
at::Tensor numbers(std::vector<float> x) { return at::tensor(x); }
}  // namespace

TEST_CASE("gradients become the mean over the ranks, several in one sum") {
  // Two gradients that passes have touched: one in two parts, whose sum is (1 + 3, 2 + 4), and one of a single number.
  WithOther ranks(0, {numbers({2, 0, -7, 0})});
  nn::JointUpdates joint(ranks);
  const auto first = at::tensor(std::vector<float>{1, 2, 3, 4}).view({2, 1, 2}), second = numbers({5}).view({1, 1, 1});
  joint.touched(first), joint.touched(second), joint.touched(first);
  joint.before_step(first);
  REQUIRE(ranks.sums.size() == 1);
  CHECK(at::equal(ranks.sums[0], numbers({4, 6, 5, 0})));
  CHECK(at::equal(first.reshape({-1}), numbers({3, 3, 0, 0})));  // ((4 + 2) / 2, (6 + 0) / 2), and nothing in part 2
  CHECK(second.item<float>() == -1);                             // (5 - 7) / 2
  // The second has what it needs when its own step comes.
  joint.before_step(second);
  CHECK(ranks.sums.size() == 1);
}

TEST_CASE("what was touched after a sum is summed again, and what no pass has announced when it steps") {
  WithOther ranks(0, {numbers({1, 0}), numbers({4, 0}), numbers({2, 0})});
  nn::JointUpdates joint(ranks);
  const auto a = numbers({3}), b = numbers({0});
  joint.touched(a), joint.before_step(a);
  CHECK(a.item<float>() == 2);
  joint.touched(a), joint.before_step(a);
  CHECK(a.item<float>() == 3);
  joint.before_step(b);
  CHECK(b.item<float>() == 1);
}

TEST_CASE("a rank that asks all to stop is heard with the next gradient") {
  WithOther ranks(0, {numbers({0, 0}), numbers({0, 1}), numbers({0, 0})});
  nn::JointUpdates joint(ranks);
  const auto g = numbers({1});
  joint.before_step(g);
  CHECK_FALSE(joint.asked_to_stop());
  joint.before_step(g);
  CHECK(joint.asked_to_stop());
  joint.ask_to_stop(), joint.before_step(g);
  CHECK(ranks.sums[2][1].item<float>() == 1);
  CHECK(joint.asked_to_stop());
}

TEST_CASE("a multiplier steps by the mean gradient, within joint updates alone") {
  WithOther ranks(0, {numbers({3, 0})});
  nn::JointUpdates joint(ranks);
  nn::Scalar alone(1, {.learning_rate = 0.1}, at::kCPU), together(1, {.learning_rate = 0.1}, at::kCPU);
  // d/dx of -x is -1; with 3 of the other rank the mean is 1, and Adam's first step has the other sign.
  (-alone.value()).backward(), alone.apply();
  CHECK(alone.value().item<double>() == Approx(1.1));
  {
    const nn::JointUpdates::scope scope(&joint);
    CHECK(nn::JointUpdates::here() == &joint);
    const nn::JointUpdates::scope none(nullptr);
    CHECK(nn::JointUpdates::here() == nullptr);
  }
  const nn::JointUpdates::scope scope(&joint);
  (-together.value()).backward(), together.apply();
  CHECK(together.value().item<double>() == Approx(0.9));
}

TEST_CASE("shares are next to each other, and as equal as they can be") {
  for (const auto n : {std::int64_t{0}, std::int64_t{7}, std::int64_t{8}, std::int64_t{9'000'000'000'000'000'000}})
    for (const int size : {1, 2, 3, 64}) {
      std::int64_t end = 0;
      for (int r = 0; r < size; ++r) {
        const auto [from, to] = nn::share_of(n, r, size);
        CHECK(from == end);
        CHECK((to - from == n / size || to - from == n / size + 1));
        end = to;
      }
      CHECK(end == n);
    }
  CHECK(nn::share_of(7, 1, 2) == std::pair<std::int64_t, std::int64_t>{3, 7});
}

TEST_CASE("a batch that cannot be shared equally is an error") {
  WithOther ranks(0, {});
  nn::JointUpdates joint(ranks);
  CHECK(joint.rows_of(6) == 3);
  CHECK(joint.rows() == 3);
  CHECK_THROWS_WITH(joint.rows_of(7), "data-parallel: 2 ranks cannot share a batch of 7 equally; give a multiple of 2");
}
