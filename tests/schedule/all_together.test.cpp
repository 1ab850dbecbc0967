#include <tessera/schedule/all_together.hpp>

#include <algorithm>

#include <tessera/algorithms/ifql.hpp>
#include <tessera/algorithms/iql.hpp>

#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
using S = AllTogether;
/// Steps of networks that stand still in between are those of the stages one by one, each from the same beginning.
template <class R>
void each_step_is_from_the_beginning(std::uint64_t seed) {
  auto p = laws::small<R>();
  const auto b = laws::some_batch<R>(seed, 64);
  auto agent = laws::fresh<R>(p);
  const auto before = laws::numbers_of(agent);
  agent.update(b);
  const auto together = laws::numbers_of(agent);

  const auto one_by_one = [&](auto... stages) {
    laws::workbench<R> bench(p);
    auto start = before;
    start.erase("updates");
    bench.give(start);
    bench.with_step(b, [&](auto& s) { (s.run(stages), ...); });
    return bench.all();
  };
  // The largest difference of a network's numbers, its optimizer's among them: the first step of Adam alone hides it.
  const auto apart = [&](const std::string& owner, const laws::numbers& other) {
    double most = 0;
    for (const auto& [name, x] : together)
      if (name.starts_with(owner + "/") && !name.ends_with("/target"))
        most = std::max(most, number((x - other.at(name)).abs().max()));
    return most;
  };
  // Of each network the step is that of its own stage, where nothing has moved before it, and not what it would be
  // after another: the critic's target is of V, and V is of the targets.
  const auto critic_alone = one_by_one(stage::critic{}), value_alone = one_by_one(stage::value{}),
             value_first = one_by_one(stage::value{}, stage::critic{});
  CHECK_FALSE(at::equal(together.at("critic/parameters"), before.at("critic/parameters")));
  CHECK_FALSE(at::equal(together.at("value/parameters"), before.at("value/parameters")));
  CHECK(apart("value", value_alone) < 1e-6);
  CHECK(apart("critic", value_first) > 1e-6);
  CHECK(apart("critic", critic_alone) < 0.01 * apart("critic", value_first));
  // The targets follow the critic as it was: of a fresh one, which they equal, they do not move.
  CHECK(close(together.at("critic/target"), before.at("critic/target"), 1e-7));
}
}  // namespace

TEST_CASE("all stages but the dynamics' are one step, in its period", "[schedule]") {
  S::params h;
  h.actor = 2, h.targets = 3;
  CHECK_FALSE(S::when(stage::dynamics{}, h).together);
  [&]<class... Stages>(list_of<stage::dynamics, Stages...>) {
    CHECK((S::when(Stages{}, h).together && ...));
    CHECK(sizeof...(Stages) == 7);
  }(S::order{});
  CHECK((S::when(stage::actor{}, h).period == 2 && S::when(stage::duals{}, h).period == 2));
  CHECK((S::when(stage::targets{}, h).period == 3 && S::when(stage::critic{}, h).period == 1));
}

TEST_CASE("each network steps from those of before the update", "[schedule]") {
  // Of parts that draw no noise, so that what a stage does does not depend on how many draws came before it.
  each_step_is_from_the_beginning<recipes::Ifql>(1);
  each_step_is_from_the_beginning<recipes::Iql::with<schedule<AllTogether>>>(2);
}

TEST_CASE("the targets are one update behind their critics", "[schedule]") {
  using R = recipes::Ifql;
  auto p = laws::small<R>();
  p.critic.polyak = 0.25;
  auto agent = laws::fresh<R>(p);
  auto before = laws::numbers_of(agent);
  for (std::uint64_t k = 1; k <= 4; ++k) {
    agent.update(laws::some_batch<R>(k));
    const auto after = laws::numbers_of(agent);
    // target <- 1/4 online + 3/4 target, with the online ones of before.
    CHECK(close(after.at("critic/target"), 0.25 * before.at("critic/parameters") + 0.75 * before.at("critic/target"),
                1e-6));
    before = after;
  }
}
