#include <tessera/actor/soft_maximize_mean_q.hpp>

#include <cmath>

#include <tessera/nn/backend.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
using State = SoftMaximizeQ::state<torch_backend>;
struct on_the_cpu {
  at::Device device = at::kCPU;
};
/// One state, whose sample is a = tanh u = 0.4 with u = 0.42364893, of mean 0.3 and deviation 1/2, which makes
/// log pi = -.082016081.
struct one_sample : FixedStepWithState<TanhGaussianPolicy, State> {
  explicit one_sample(State& state) {
    own = &state;
    heads[now] = {x, {}};
    noise = {matrix(1, 1, {eps}), matrix(1, 1, {eps})};
  }
  double eps = (0.42364893 - 0.3) / 0.5;
  tensor x = leaf(matrix(1, 2, {0.3, std::log(0.5)}));
};
SoftMaximizeQ::params at_one_half() {
  SoftMaximizeQ::params h;
  h.initial_temperature = 0.5, h.target_entropy = -3;
  return h;
}
}  // namespace

TEST_CASE("maximum-entropy improvement of the members' mean, computed by hand", "[actor]") {
  auto h = at_one_half();
  State state(h, on_the_cpu{});
  one_sample step(state);
  step.frozen_q = [](place where, const at::Tensor& a) {
    CHECK(where == now);
    return at::stack({10 * a.squeeze(1), 4 - 5 * a.squeeze(1), row({7})});  // 4, 2 and 7 at a = .4: the mean is 13/3
  };
  const auto sum = SoftMaximizeMeanQ::loss(h, step);
  REQUIRE(sum.items.size() == 2);
  CHECK(std::string(sum.items[0].name) == "actor/entropy");
  CHECK(number(sum.items[0].value) == Approx(-0.5 * 0.082016081));
  CHECK(std::string(sum.items[1].name) == "actor/q");
  CHECK(number(sum.items[1].value) == Approx(-13.0 / 3));
  (sum.items[0].value + sum.items[1].value).backward();
  // d log pi / du = 2 a; every member's slope counts, (10 - 5 + 0) / 3, and not that of the least alone, -5.
  const double by_u = 0.5 * 2 * 0.4 - 5.0 / 3 * (1 - 0.16);
  CHECK(close(step.x.grad(), matrix(1, 2, {by_u, by_u * 0.5 * step.eps - 0.5}), 1e-6));

  // The temperature learns by the same sample: -log alpha (E log pi - 3); or, linear in alpha, -alpha (E log pi - 3).
  CHECK(number(only(SoftMaximizeMeanQ::temperature_loss(h, step), "actor/temperature")) ==
        Approx(-std::log(0.5) * (-0.082016081 - 3)));
  h.linear = true;
  CHECK(number(only(SoftMaximizeMeanQ::temperature_loss(h, step), "actor/temperature")) ==
        Approx(-0.5 * (-0.082016081 - 3)));
  CHECK(step.draws == 1);
}

TEST_CASE("where the members agree their mean is their least", "[actor]") {
  const auto h = at_one_half();
  State state(h, on_the_cpu{});
  one_sample step(state);
  step.frozen_q = [](place, const at::Tensor& a) { return (3 * a.squeeze(1)).expand({4, 1}); };
  const auto sum = [&](auto loss) { return loss.items[0].value + loss.items[1].value; };
  const auto mean = sum(SoftMaximizeMeanQ::loss(h, step)), least = sum(SoftMaximizeQ::loss(h, step));
  CHECK(number(mean) == Approx(number(least)));
  // And below it where they do not: the loss is by half of their difference less.
  step.draws = 0;
  step.frozen_q = [](place, const at::Tensor& a) { return at::stack({3 * a.squeeze(1), 3 * a.squeeze(1) + 2}); };
  const auto higher = sum(SoftMaximizeMeanQ::loss(h, step));
  CHECK(number(least) - number(higher) == Approx(1));
}
