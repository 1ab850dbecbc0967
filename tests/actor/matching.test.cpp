#include <tessera/actor/match_flow.hpp>
#include <tessera/actor/match_noise.hpp>
#include <tessera/actor/maximize_average_q.hpp>
//
#include <tessera/algorithms/idql.hpp>
#include <tessera/algorithms/ifql.hpp>
#include <tessera/policy/deterministic.hpp>

#include "helpers/fixed_step.hpp"
#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
/// The loss is the mean of the rows' errors, of the same noise, each with its weight; and that of the unweighted
/// objective is their mean.
template <class Base, class Weighted, class Plain>
void is_weighted(const char* name) {
  using R = typename Base::template with<actor<Weighted>>;
  auto p = laws::small<R>();
  p.actor.beta = 8, p.actor.max_weight = 1.05;
  laws::workbench<R> bench(p);
  const auto b = laws::some_batch<R>(1, 64);
  const auto weighted = bench.with_step(b, [&](auto& s) { return only(Weighted::loss(p.actor, s), name); });
  const auto plain = bench.with_step(b, [&](auto& s) { return only(Plain::loss({}, s), name); });
  bench.with_step(b, [&](auto& s) {
    const auto e = s.pi(now).matching_error(s.action());
    const auto w = (8 * s.advantage()).exp();
    REQUIRE((w > 1.05).any().template item<bool>());
    REQUIRE((w < 1.05).any().template item<bool>());
    CHECK(number(weighted) == Approx(number((w.clamp_max(1.05) * e).mean())));
    CHECK(number(plain) == Approx(number(e.mean())));
  });
}
}  // namespace

TEST_CASE("matching weighted by advantages", "[actor]") {
  is_weighted<recipes::Ifql, AdvantageWeightedFlow, MatchFlow>("actor/flow");
  is_weighted<recipes::Idql, AdvantageWeightedNoise, MatchNoise>("actor/noise");
}

TEST_CASE("the critics' mean, climbed, computed by hand", "[actor]") {
  FixedStep<DeterministicPolicy> step;
  const auto x = leaf(matrix(2, 1, {0, 0}));
  step.heads[now] = {x, {}};
  // Q_1 = 2 + a and -4 + a, Q_2 = 3 a: means 1 + 2 a and -2 + 2 a, at a = tanh 0 = 0.
  step.frozen_q = [](place, const at::Tensor& a) { return at::stack({a.squeeze(1) + row({2, -4}), 3 * a.squeeze(1)}); };
  CHECK(number(only(MaximizeAverageQ::loss({.alpha = 3}, step), "actor/q")) == Approx(1.5));
  const auto loss = only(MaximizeAverageQ::loss({.alpha = 3, .normalize = true}, step), "actor/q");
  CHECK(number(loss) == Approx(1.5 / 1.5));  // the mean of |1| and |-2|
  loss.backward();
  CHECK(close(x.grad(), matrix(2, 1, {-3 * 2 / 2 / 1.5, -3 * 2 / 2 / 1.5})));
}
