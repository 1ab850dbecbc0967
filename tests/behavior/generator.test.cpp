#include <tessera/behavior/generator.hpp>

#include <tessera/policy/deterministic.hpp>

#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
using R = recipe<policy<DeterministicPolicy>, behavior<Generator<FlowPolicy>>, actor<laws::idle_actor>>;
}  // namespace

TEST_CASE("a generator's actions are its model's, and no gradient reaches it", "[behavior]") {
  auto p = laws::small<R>();
  p.behavior.model.average = 0.5;
  laws::workbench<R> bench(p);
  const auto b = laws::some_batch<R>(1, 6);
  using M = Generator<FlowPolicy>;
  const auto noise = at::randn({6, 2}), many = at::randn({6, 3, 2});
  const auto acted = [&] {
    return bench.with_step(b, [&](auto& s) {
      const auto a = M::generate(p.behavior, s, b.observations, noise);
      CHECK(close(M::generate(p.behavior, s, b.observations, many).select(1, 1),
                  M::generate(p.behavior, s, b.observations, many.select(1, 1).contiguous()), 1e-6));
      CHECK(M::samples(p.behavior, s, next, 4).sizes() == at::IntArrayRef({6, 4, 2}));
      CHECK(a.abs().max().template item<float>() <= 1);
      return a;
    });
  };
  const auto first = acted();
  CHECK(at::equal(first, acted()));
  bench.with_step(b, [](auto& s) { s.run(stage::behavior{}); });
  CHECK_FALSE(close(first, acted(), 1e-7));  // the average moves with the model, and is what generates
  const auto numbers = bench.all();
  CHECK_FALSE(at::equal(numbers.at("behavior/target"), numbers.at("behavior/parameters")));
}

TEST_CASE("a frozen generator stays where its head start has brought it", "[behavior]") {
  auto p = laws::small<R>();
  p.behavior.pretrain_updates = 2, p.behavior.keep_training = false;
  auto agent = laws::fresh<R>(p);
  const auto of = [&] { return laws::numbers_of(agent).at("behavior/parameters"); };
  auto before = of();
  for (std::uint64_t k = 1; k <= 4; ++k) {
    agent.update(laws::some_batch<R>(k));
    CHECK(at::equal(of(), before) == (k > 2));
    before = of();
  }
}
