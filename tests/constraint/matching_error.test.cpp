#include <tessera/constraint/matching_error.hpp>

#include <tessera/algorithms/ifql.hpp>

#include "helpers/fixed_step.hpp"
#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("a matching error as a penalty is that of the log's action, also at the next state", "[constraint]") {
  using R = recipes::Ifql::with<constraint<MatchingError>>;
  laws::workbench<R> bench(laws::small<R>());
  const auto b = laws::some_batch<R>(1, 16);
  const auto each = bench.with_step(b, [](auto& s) { return at::Tensor(MatchingError::at({}, s, now)); });
  bench.with_step(b, [&](auto& s) { CHECK(close(each, s.pi(now).matching_error(b.actions), 1e-6)); });
  const auto later = bench.with_step(b, [](auto& s) { return at::Tensor(MatchingError::at({}, s, next)); });
  bench.with_step(b, [&](auto& s) {
    const auto known = b.template get<column::next_action_known>();
    CHECK(close(later, known * s.pi(next).matching_error(b.template get<column::next_action>()), 1e-6));
    CHECK(number(later.index({known == 0}).abs().sum()) == 0);
  });
}

TEST_CASE("a matching error's weight is its factor, and it moves the policy alone", "[constraint]") {
  using R = recipes::Ifql::with<actor<laws::idle_actor>, constraint<MatchingError>>;
  auto p = laws::small<R>();
  laws::workbench<R> bench(p);
  const auto b = laws::some_batch<R>(1, 16);
  const auto weighted = bench.with_step(b, [](auto& s) { return MatchingError::weighted_loss({}, s, 3.0); });
  const auto each = bench.with_step(b, [](auto& s) { return at::Tensor(MatchingError::at({}, s, now)); });
  CHECK(number(only(weighted.loss, "constraint/matching")) == Approx(3 * number(each.mean())));
  CHECK(number(weighted.amount) == Approx(number(each.mean())));
  for (const auto& [name, g] :
       bench.slope_of(b, [&](auto& s) { return laws::total(MatchingError::loss(p.constraint, s)); })) {
    INFO(name);
    CHECK((g.abs().max().item<float>() > 0) == (name == "policy"));
  }
}
