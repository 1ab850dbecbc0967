#include <tessera/schedule/noise_critic_last.hpp>
#include <tessera/schedule/schedule.hpp>

#include <catch2/catch.hpp>
#include <string>

using namespace tessera;

TEST_CASE("schedules are in the order that they say", "[schedule]") {
  const auto is = [](const char* formula, const std::string& order) { CHECK(formula == order); };
  is(CriticFirst::formula, "dynamics, behavior, critic, value, actor, constraint, duals, targets");
  is(ValueFirst::formula, "dynamics, behavior, value, actor, critic, constraint, duals, targets");
  is(BehaviorLast::formula, "dynamics, critic, value, actor, behavior, constraint, duals, targets");
  is(ActorLast::formula, "dynamics, behavior, value, critic, actor, constraint, duals, targets");
  is(ActorFirst::formula, "dynamics, behavior, actor, value, critic, constraint, duals, targets");
  is(ActorThenTemperature::formula, "dynamics, behavior, actor, duals, value, critic, constraint, targets");
  is(TemperatureFirst::formula, "dynamics, behavior, duals, actor, value, critic, constraint, targets");
  is(NoiseCriticLast::formula, "dynamics, behavior, critic, value, actor, constraint, duals, targets, noise_critic");
  is(Order<stage::targets>::formula, "targets");
}

TEST_CASE("a period is of the actor and its multipliers, or of the targets", "[schedule]") {
  using S = CriticFirst;
  const Periods h{.actor = 2, .targets = 3};
  CHECK((S::when(stage::actor{}, h).period == 2 && S::when(stage::duals{}, h).period == 2));
  CHECK(S::when(stage::targets{}, h).period == 3);
  [&]<class... Others>(list_of<Others...>) {
    CHECK(((S::when(Others{}, h).period == 1 && S::when(Others{}, h).offset == 0) && ...));
  }(list_of<stage::dynamics, stage::behavior, stage::critic, stage::value, stage::constraint>{});
  CHECK(NoiseCriticLast::when(stage::noise_critic{}, h).period == 1);
  // The k-th update is due, counted from one; with an offset from there on.
  const phase every_third{.period = 3}, later{.period = 3, .offset = 1};
  for (std::int64_t k = 1; k <= 9; ++k) {
    CHECK(every_third.runs_in(k) == (k == 3 || k == 6 || k == 9));
    CHECK(later.runs_in(k) == (k == 1 || k == 4 || k == 7));
  }
}

TEST_CASE("at once are the losses of value, actor and critic, and nothing else", "[schedule]") {
  const Periods h{.actor = 2};
  const auto together = [&](auto... stages) { return (int(AllAtOnce::when(stages, h).together) + ...); };
  CHECK(together(stage::value{}, stage::actor{}, stage::critic{}) == 3);
  CHECK(together(stage::dynamics{}, stage::behavior{}, stage::constraint{}, stage::duals{}, stage::targets{}) == 0);
  CHECK((AllAtOnce::when(stage::actor{}, h).period == 2 && AllAtOnce::when(stage::critic{}, h).period == 1));
  [&]<class... Stages>(list_of<Stages...>) {
    CHECK_FALSE((CriticFirst::when(Stages{}, h).together || ...));
  }(CriticFirst::order{});
}
