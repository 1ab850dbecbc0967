// What a program may add from outside: a slot with a state, lookups, a stage and a schedule of its own; parts of the
// library's slots that start, that have multipliers and states.
#include <tessera/reflect/explain.hpp>
//
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include <tessera/algorithms.hpp>

#include "archetypes/models.hpp"
#include "archetypes/use.hpp"

using namespace tessera;
using archetypes::small_problem;
using archetypes::SymbolicBackend;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace mine {
/// Steps in an environment, of which more data come.
struct collect {
  static constexpr const char* name = "collect";
};
template <class Part, class Step, class Backend>
struct online_lookups;
struct an_environment {
  template <class T>
  static constexpr bool met = Component<T>&& RunsIn<T, collect>;
};
TESSERA_SLOT(online, mine::an_environment, void, mine::collect, online_lookups);

template <class Part, class Step, class Backend>
struct online_lookups : in_step<Step, online_lookups<Part, Step, Backend>> {
  /// How many rows have been collected.
  std::int64_t online_rows() { return this->template state_in<online>().rows.value; }
};

struct role_of_environments {};
struct SomeTask {
  using role = role_of_environments;
  struct params {
    std::int64_t steps = 4;

    static constexpr doc docs[] = {{"steps", "of the environment, each time", 1, 1000}};
  };
  using needs = all_of<>;
  static constexpr const char* formula = "steps of the task";
  template <class B>
  struct state {
    buffer<std::int64_t> rows{0};
    state(const params&, const auto&) {}
    void each(auto&& f) { f("online/rows", rows); }
  };
  template <class Step>
  static void run(collect, const params& h, Step& step) {
    step.template state_of<online>().rows.value += h.steps;
    SymbolicBackend::log().push_back("collected " + std::to_string(step.online_rows()));
  }
};
/// Collects in every second update, before all else.
struct OnlineFirst : Order<collect, stage::critic, stage::value, stage::actor, stage::targets> {
  template <class S>
  static constexpr phase when(S, const params&) {
    return {std::is_same_v<S, collect> ? 2 : 1};
  }
};
/// Looks the other slot up.
struct Counting : AdvantageWeighted {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    SymbolicBackend::log().push_back("seen " + std::to_string(step.online_rows()));
    return AdvantageWeighted::loss(h, step);
  }
};
struct OnlineIql : recipes::Iql::with<actor<Counting>, schedule<OnlineFirst>, online<SomeTask>> {};
}  // namespace mine

static_assert(Composable<mine::OnlineIql>);
static_assert(!Composable<mine::OnlineIql::with<schedule<ValueFirst>>>, "a schedule without its stage");
static_assert(!Composable<recipes::Iql::with<mine::online<archetypes::MinimalActor>>>, "no environment");

namespace {
template <class Agent>
Lines update(Agent& agent) {
  SymbolicBackend::log().clear();
  agent.update(archetypes::symbolic_batch());
  Lines kept;
  for (const auto& line : SymbolicBackend::log())
    if (line.ends_with(".apply") || line.ends_with(".apply and follow") || line.ends_with(".follow") ||
        line.find('.') == std::string::npos)
      if (!line.starts_with("draw") && !line.starts_with("backward")) kept.push_back(line);
  return kept;
}
template <class Agent>
Lines buffers(Agent& agent) {
  Lines names;
  agent.each_buffer([&](const std::string& name, auto&) { names.push_back(name); });
  return names;
}
}  // namespace

TEST_CASE("a program's own slot has a state, lookups, a stage and a place in the schedule", "[compose][slots]") {
  learner<mine::OnlineIql, SymbolicBackend> agent{small_problem(), {}};
  CHECK(update(agent) == Lines{"critic.apply", "value.apply", "seen 0", "policy.apply", "critic.follow"});
  CHECK(update(agent) ==
        Lines{"collected 4", "critic.apply", "value.apply", "seen 4", "policy.apply", "critic.follow"});
  update(agent);
  CHECK(update(agent).front() == "collected 8");
  const auto all = buffers(agent);
  CHECK(std::count(all.begin(), all.end(), "online/rows") == 1);
  CHECK(agent.state_of<mine::online>().rows.value == 8);

  params_of<mine::OnlineIql> p;
  CHECK(p.online.steps == 4);
  set_parameter(parameters<mine::OnlineIql>(p), "online.steps", "7");
  CHECK(p.online.steps == 7);
  learner<mine::OnlineIql, SymbolicBackend> other{small_problem(), {}, p};
  update(other);
  CHECK(update(other).front() == "collected 7");
  p.online.steps = 0;
  CHECK_THROWS_WITH(require_ranges<mine::OnlineIql>(p), Contains("online.steps: '0' is not at least 1"));
}

TEST_CASE("explain names a program's own slot and stage", "[compose][slots]") {
  std::ostringstream out;
  explain<mine::OnlineIql>(out);
  CHECK_THAT(out.str(), Contains("online<SomeTask>") && Contains("steps of the task"));
  CHECK_THAT(out.str(), Contains("1. collect, every 2 updates: online\n"));
  CHECK_THAT(out.str(), Contains("online.steps"));
}

namespace {
/// Clones the log before the first update.
struct CloneFirst : MaximizeQ {
  template <class Step>
  static void run(stage::start, const params&, Step&) {
    SymbolicBackend::log().push_back("started");
  }
};
/// A part with a multiplier, of any slot.
template <class Part>
struct WithMultiplier : around<Part> {
  using needs = typename Part::needs;
  using around<Part>::run;
  template <class Step>
  static void run(stage::duals, const auto&, Step&) {
    SymbolicBackend::log().push_back("multiplier");
  }
};
/// One with a state in addition to its network's.
struct CountingValue : Expectile {
  template <class B>
  struct state : Expectile::state<B> {
    buffer<std::int64_t> calls{0};
    state(const params& h, const auto& on, auto recipe) : Expectile::state<B>(h, on, recipe) {}
    void each(auto&& f) {
      Expectile::state<B>::each(f);
      f("value/calls", calls);
    }
  };
};
struct CountingSelection : Mode {
  template <class B>
  struct state {
    buffer<std::int64_t> actions{0};
    state(const params&, const auto&) {}
    void each(auto&& f) { f("select/actions", actions); }
  };
  template <class Step>
  static typename Step::tensor act(const params& h, Step& step) {
    ++step.template state_of<tessera::select>().actions.value;
    return Mode::act(h, step);
  }
};
struct EmptyReplay {
  batch<archetypes::Symbolic> all() const { return {}; }
};
template <class R>
Lines started() {
  learner<R, SymbolicBackend> agent{small_problem(), {}};
  SymbolicBackend::log().clear();
  agent.start(EmptyReplay{});
  return SymbolicBackend::log();
}
template <class R>
auto multipliers() {
  learner<R, SymbolicBackend> agent{small_problem(), {}};
  const auto lines = update(agent);
  return std::count(lines.begin(), lines.end(), "multiplier");
}
}  // namespace

TEST_CASE("a part that starts from the log is started, whatever the data source", "[compose][slots]") {
  CHECK(started<recipes::Td3::with<actor<CloneFirst>>>() == Lines{"started"});
  CHECK(started<recipes::Td3::with<actor<CloneFirst>, tessera::data<TopEpisodes>>>() == Lines{"started"});
  CHECK(started<recipes::Td3>().empty());
}

TEST_CASE("a multiplier is stepped in whichever slot it is", "[compose][slots]") {
  CHECK(multipliers<recipes::Iql::with<policy<WithMultiplier<GaussianPolicy>>>>() == 1);
  CHECK(multipliers<recipes::Iql::with<value<WithMultiplier<Expectile>>>>() == 1);
  CHECK(multipliers<recipes::Iql::with<critic<WithMultiplier<ValueBackup>>>>() == 1);
  CHECK(multipliers<recipes::Iql::with<actor<WithMultiplier<AdvantageWeighted>>>>() == 1);
  CHECK(multipliers<recipes::Iql::with<constraint<WithMultiplier<ForwardKl>>>>() == 1);
  CHECK(multipliers<recipes::BracP::with<behavior<WithMultiplier<Density<TanhGaussianPolicy>>>>>() ==
        0);  // a head start first
  CHECK(multipliers<recipes::Mopo::with<uncertainty<WithMultiplier<SoftPenalty<MaxStd>>>>>() == 1);
  CHECK(multipliers<recipes::Iql::with<tessera::data<WithMultiplier<Offline>>>>() == 1);
  CHECK(multipliers<recipes::Iql::with<policy<WithMultiplier<GaussianPolicy>>, value<WithMultiplier<Expectile>>>>() ==
        2);
}

TEST_CASE("a state is made and saved in whichever slot it is", "[compose][slots]") {
  learner<recipes::Iql::with<value<CountingValue>, tessera::select<CountingSelection>>, SymbolicBackend> agent{
      small_problem(), {}};
  const auto all = buffers(agent);
  for (const char* name : {"value/parameters", "value/calls", "select/actions"})
    CHECK(std::count(all.begin(), all.end(), name) == 1);
  agent.act(archetypes::Symbolic{});
  CHECK(agent.state_of<tessera::select>().actions.value == 1);
  // As a checkpoint goes on: every buffer is the other's.
  learner<recipes::Iql::with<value<CountingValue>, tessera::select<CountingSelection>>, SymbolicBackend> other{
      small_problem(), {}};
  other.each_buffer([&](const std::string& name, auto& to) {
    agent.each_buffer([&](const std::string& from, auto& x) {
      if constexpr (std::is_same_v<decltype(to), decltype(x)>)
        if (from == name) to = x;
    });
  });
  CHECK(other.state_of<tessera::select>().actions.value == 1);
}
