#include <tessera/compose/learner.hpp>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <tessera/algorithms.hpp>
#include <tessera/select/sample.hpp>
#include <vector>

#include "archetypes/symbolic_backend.hpp"

using namespace tessera;
using archetypes::small_problem;
using archetypes::SymbolicBackend;
using Lines = std::vector<std::string>;

namespace {
template <class R>
using agent_of = learner<R, SymbolicBackend>;

/// What one update did, in order.
template <class Agent>
Lines update(Agent& agent) {
  SymbolicBackend::log().clear();
  agent.update(archetypes::symbolic_batch());
  return SymbolicBackend::log();
}
/// The lines among them that move a network.
Lines moves(const Lines& lines) {
  Lines kept;
  for (const auto& line : lines)
    if (line.ends_with(".apply") || line.ends_with(".follow") || line.ends_with(".apply and follow"))
      kept.push_back(line);
  return kept;
}
auto count(const Lines& lines, const std::string& line) { return std::count(lines.begin(), lines.end(), line); }
auto at(const Lines& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) - lines.begin();
}
template <class Agent>
Lines names(const Agent& agent) {
  Lines all;
  for (const auto& m : agent.metrics()) all.emplace_back(m.name);
  return all;
}
}  // namespace

TEST_CASE("networks move in the order of the schedule", "[compose][learner]") {
  agent_of<recipes::Iql> iql{small_problem(), {}};
  CHECK(moves(update(iql)) == Lines{"value.apply", "policy.apply", "critic.apply and follow"});  // nothing between
  agent_of<recipes::Iql::with<schedule<CriticFirst>>> other{small_problem(), {}};
  CHECK(moves(update(other)) == Lines{"critic.apply", "value.apply", "policy.apply", "critic.follow"});
  agent_of<recipes::Bc> bc{small_problem(), {}};
  CHECK(moves(update(bc)) == Lines{"policy.apply"});
  agent_of<recipes::Awac> awac{small_problem(), {}};
  CHECK(moves(update(awac)) == Lines{"critic.apply", "policy.apply", "critic.follow"});
  agent_of<recipes::Sac> sac{small_problem(), {}};
  CHECK(moves(update(sac)) == Lines{"critic.apply", "policy.apply", "scalar.apply", "critic.follow"});
}

TEST_CASE("a period of k is every k-th update, counted from one", "[compose][learner]") {
  agent_of<recipes::Td3> td3{small_problem(), {}};
  const Lines delayed{"critic.apply"};
  const Lines full{"critic.apply", "policy.apply", "policy.follow", "critic.follow"};  // slots in their order
  CHECK(moves(update(td3)) == delayed);
  CHECK(moves(update(td3)) == full);
  CHECK(moves(update(td3)) == delayed);
  CHECK(moves(update(td3)) == full);
  CHECK(td3.updates() == 4);

  params_of<recipes::Sac> p;
  p.schedule.actor = 3;  // the temperature goes with the actor
  agent_of<recipes::Sac> sac{small_problem(), {}, p};
  const Lines without{"critic.apply and follow"};
  CHECK(moves(update(sac)) == without);
  CHECK(moves(update(sac)) == without);
  CHECK(moves(update(sac)) == Lines{"critic.apply", "policy.apply", "scalar.apply", "critic.follow"});
}

TEST_CASE("a temperature that is fixed stays", "[compose][learner]") {
  agent_of<recipes::Sac::with<actor<FixedTemperatureMaximizeQ>>> sac{small_problem(), {}};
  CHECK(moves(update(sac)) == Lines{"critic.apply", "policy.apply", "critic.follow"});
}

TEST_CASE("the loss of a stage is differentiated once, as one sum", "[compose][learner]") {
  agent_of<recipes::Td3Bc> agent{small_problem(), {}};
  update(agent);
  const auto lines = update(agent);
  CHECK(count(lines, "backward 1") == 1);  // critic/td
  CHECK(count(lines, "backward 2") == 1);  // actor/q and constraint/mse
  CHECK(names(agent) == Lines{"critic/td", "actor/q", "constraint/mse"});
}

TEST_CASE("what is asked for twice is computed once, while its network stands still", "[compose][learner]") {
  agent_of<recipes::Td3Bc> td3{small_problem(), {}};
  update(td3);
  CHECK(count(update(td3), "policy.trained") == 1);  // the actor's and the constraint's

  agent_of<recipes::Iql> iql{small_problem(), {}};
  const auto lines = update(iql);
  CHECK(count(lines, "critic.target") == 1);     // the value's loss and the actor's advantage
  CHECK(count(lines, "value.both fixed") == 1);  // V(s) of the advantage and V(s') of the backup, in one pass
  CHECK(count(lines, "value.fixed") == 0);
}

namespace {
/// The critic on every second update, the targets on every one.
struct RestingCritic : Order<stage::critic, stage::targets> {
  template <class S>
  static constexpr phase when(S, const params&) {
    return {std::is_same_v<S, stage::critic> ? 2 : 1};
  }
};
}  // namespace

TEST_CASE("targets move by themselves in an update that the critic sits out", "[compose][learner]") {
  agent_of<recipes::DiscreteCql::with<schedule<RestingCritic>>> agent{small_problem(), {}};
  for (int k = 0; k < 2; ++k) {
    CHECK(moves(update(agent)) == Lines{"critic.follow"});
    CHECK(moves(update(agent)) == Lines{"critic.apply and follow"});
  }
}

TEST_CASE("many updates are that many single ones", "[compose][learner]") {
  agent_of<recipes::Td3Bc> one{small_problem(), {}}, many{small_problem(), {}};
  Lines singly;
  for (int k = 0; k < 5; ++k)
    for (const auto& line : update(one)) singly.push_back(line);
  SymbolicBackend::log().clear();
  std::vector<std::int64_t> asked;
  many.update_many(5, [&](std::int64_t k) {
    asked.push_back(k);
    return archetypes::symbolic_batch();
  });
  CHECK(SymbolicBackend::log() == singly);
  CHECK(asked == std::vector<std::int64_t>{1, 2, 3, 4, 5});
  CHECK(many.updates() == 5);
  CHECK(names(many) == Lines{"critic/td", "actor/q", "constraint/mse"});
}

TEST_CASE("s and s' share a pass where the parameters are the same", "[compose][learner]") {
  // The backup asks for pi(s'), and the actor, still to come, for pi(s).
  agent_of<recipes::Sac> sac{small_problem(), {}};
  auto lines = update(sac);
  CHECK(count(lines, "policy.trained and fixed") == 1);
  CHECK(count(lines, "policy.trained") + count(lines, "policy.fixed") == 0);
  // An actor that sits this update out needs no pi(s).
  agent_of<recipes::Sac>::params p;
  p.schedule.actor = 2;
  agent_of<recipes::Sac> delayed{small_problem(), {}, p};
  lines = update(delayed);
  CHECK(count(lines, "policy.trained and fixed") == 0);
  CHECK(count(lines, "policy.fixed") == 1);
  CHECK(count(update(delayed), "policy.trained and fixed") == 1);
  // An actor that has been already has moved the policy.
  agent_of<recipes::Awac::with<schedule<ValueFirst>>> actor_first{small_problem(), {}};
  lines = update(actor_first);
  CHECK(count(lines, "policy.trained") == 1);
  CHECK(count(lines, "policy.fixed") == 1);
  // An actor that asks for no value leaves V(s') alone.
  agent_of<recipes::Iql::with<actor<BehaviorCloning>>> cloned{small_problem(), {}};
  lines = update(cloned);
  CHECK(count(lines, "value.fixed") == 1);
  CHECK(count(lines, "value.both fixed") == 0);
}

TEST_CASE("a stage sees the networks as the stages before it left them", "[compose][learner]") {
  agent_of<recipes::Iql> iql{small_problem(), {}};
  const auto lines = update(iql);
  CHECK(at(lines, "value.both fixed") > at(lines, "value.apply"));  // the new V in advantage and backup

  agent_of<recipes::Iql::with<schedule<CriticFirst>>> old_value{small_problem(), {}};
  const auto other = update(old_value);
  CHECK(at(other, "value.fixed") < at(other, "value.apply"));  // the backup has the old V ...
  CHECK(count(other, "value.fixed") == 2);                     // ... the advantage the new one
}

namespace {
template <class R>
void gradient_of(const char* name) {
  INFO(name);
  agent_of<R> agent{small_problem(), {}};
  for (int k = 0; k < 2; ++k) {
    const auto lines = update(agent);
    CHECK(count(lines, "policy.trained in vain") + count(lines, "policy.trained and fixed in vain") +
              count(lines, "critic.trained in vain") + count(lines, "value.trained in vain") ==
          0);
    CHECK(count(lines, "policy.target that is not") + count(lines, "critic.target that is not") == 0);
  }
  CHECK(SymbolicBackend::without_grad() == 0);
}
}  // namespace

TEST_CASE("no loss is made of a pass without gradient, nor of targets that are not kept", "[compose][learner]") {
  gradient_of<recipes::Awac>("Awac");  // its advantage asks for pi(.|s) before its loss does
  gradient_of<recipes::DiscreteAwac>("DiscreteAwac");
  gradient_of<recipes::Bc>("Bc");
  gradient_of<recipes::Iql>("Iql");
  gradient_of<recipes::Sac>("Sac");
  gradient_of<recipes::Td3>("Td3");
  gradient_of<recipes::Td3Bc>("Td3Bc");
}

TEST_CASE("every draw has a number of its own", "[compose][learner]") {
  agent_of<recipes::Sac> sac{small_problem(), {}};
  const auto draws = [](const Lines& lines) {
    Lines kept;
    for (const auto& line : lines)
      if (line.starts_with("draw")) kept.push_back(line);
    return kept;
  };
  CHECK(draws(update(sac)) == Lines{"draw 1 0", "draw 1 1"});
  CHECK(draws(update(sac)) == Lines{"draw 2 0", "draw 2 1"});

  // Actions are not drawn from the noise of updates.
  agent_of<recipes::Bc::with<tessera::select<Sample>>> bc{small_problem(), {}};
  SymbolicBackend::log().clear();
  bc.act({});
  bc.act({}, 3);
  CHECK(draws(SymbolicBackend::log()) == Lines{"draw -1 0", "draw -4 0"});
}

namespace {
template <class M, template <class> class S>
concept Owns = requires(M& m) {
  m.template of<S>();
};
}  // namespace

TEST_CASE("networks have the sizes of their problem", "[compose][learner]") {
  const auto on = small_problem();  // 3 observations; 2 action dimensions, or 2 actions
  params_of<recipes::Iql> p;
  p.critic.members = 5;
  detail::memory<recipes::Iql, SymbolicBackend> iql(p, on);
  CHECK((iql.of<policy>().net.inputs == 3 && iql.of<policy>().net.outputs == 2 && iql.of<policy>().net.members == 0));
  CHECK((iql.of<critic>().net.inputs == 5 && iql.of<critic>().net.outputs == 1 && iql.of<critic>().net.members == 5));
  CHECK((iql.of<value>().net.inputs == 3 && iql.of<value>().net.outputs == 1 && iql.of<value>().net.members == 0));
  CHECK((iql.of<critic>().net.has_target && !iql.of<policy>().net.has_target && !iql.of<value>().net.has_target));

  detail::memory<recipes::DiscreteIql, SymbolicBackend> discrete({}, on);
  CHECK((discrete.of<policy>().net.inputs == 3 && discrete.of<policy>().net.outputs == 2));
  CHECK((discrete.of<critic>().net.inputs == 3 && discrete.of<critic>().net.outputs == 2));

  detail::memory<recipes::Sac, SymbolicBackend> sac({}, on);
  CHECK(sac.of<policy>().net.outputs == 4);  // means and log-stds
  static_assert(!Owns<decltype(sac), value>);
  detail::memory<recipes::Td3, SymbolicBackend> td3({}, on);
  CHECK(td3.of<policy>().net.has_target);
  detail::memory<recipes::Bc, SymbolicBackend> bc({}, on);
  static_assert(!Owns<decltype(bc), critic> && Owns<decltype(bc), policy>);
}

TEST_CASE("everything that a learner must remember has a name", "[compose][learner]") {
  agent_of<recipes::Sac> sac{small_problem(), {}};
  Lines seen;
  sac.each_buffer([&](const std::string& name, auto&) { seen.push_back(name); });
  CHECK(seen == Lines{"updates", "policy/parameters", "critic/parameters", "log_alpha/value"});
  CHECK((update(sac), names(sac)) == Lines{"critic/td", "actor/entropy", "actor/q", "actor/temperature"});
}

TEST_CASE("a behavior's model has a head start, and then goes first", "[compose][learner]") {
  params_of<recipes::BracV> p;
  p.behavior.pretrain_updates = 2;
  p.actor.warmup_updates = 0;
  agent_of<recipes::BracV> agent{small_problem(), {}, p};
  const Lines alone{"behavior.apply"};
  CHECK(moves(update(agent)) == alone);
  CHECK(names(agent) == Lines{"behavior/nll"});
  CHECK(moves(update(agent)) == alone);
  CHECK(moves(update(agent)) == Lines{"behavior.apply", "critic.apply", "policy.apply", "critic.follow"});
  CHECK(names(agent) == Lines{"behavior/nll", "critic/td", "actor/entropy", "actor/q", "constraint/kl"});

  p.behavior.keep_training = false;
  agent_of<recipes::BracV> frozen{small_problem(), {}, p};
  update(frozen), update(frozen);
  CHECK(moves(update(frozen)) == Lines{"critic.apply", "policy.apply", "critic.follow"});
}

TEST_CASE(
    "networks that a constraint fits are stepped after critic and actor, as often as it says, each further time on "
    "fresh data",
    "[compose][learner]") {
  params_of<recipes::BracVDual> p;
  p.constraint.steps = 3;
  agent_of<recipes::BracVDual> agent{small_problem(), {}, p};
  CHECK(moves(update(agent)) == Lines{"critic.apply", "policy.apply", "discriminator.apply", "discriminator.apply",
                                      "discriminator.apply", "critic.follow"});
  std::vector<std::int64_t> asked;
  SymbolicBackend::log().clear();
  agent.update(archetypes::symbolic_batch(), [&](std::int64_t j) {
    asked.push_back(j);
    return archetypes::symbolic_batch();
  });
  CHECK(asked == std::vector<std::int64_t>{1, 2});
  // The noise of a further batch is not that of the first again.
  Lines draws;
  for (const auto& line : SymbolicBackend::log())
    if (line.starts_with("draw")) draws.push_back(line);
  auto unique = draws;
  std::sort(unique.begin(), unique.end());
  CHECK(std::unique(unique.begin(), unique.end()) == unique.end());
}

TEST_CASE("an order is a list of stages", "[compose][learner]") {
  using Backwards = Order<stage::targets, stage::actor, stage::critic>;
  CHECK(std::string(Backwards::formula) == "targets, actor, critic");
  agent_of<recipes::Td3Bc::with<schedule<Backwards>>> agent{small_problem(), {}};
  CHECK(moves(update(agent)) == Lines{"critic.apply"});
  CHECK(moves(update(agent)) == Lines{"policy.follow", "critic.follow", "policy.apply", "critic.apply"});
  agent_of<recipes::Sac::with<schedule<TemperatureFirst>>> edac{small_problem(), {}};
  const auto lines = update(edac);
  CHECK(moves(lines) == Lines{"scalar.apply", "policy.apply", "critic.apply and follow"});
  CHECK(count(lines, "draw 1 0") + count(lines, "draw 1 1") + count(lines, "draw 1 2") ==
        3);  // a sample of its own for each stage
}

TEST_CASE("losses that are taken at once see networks that have not moved", "[compose][learner]") {
  agent_of<recipes::Iql::with<schedule<AllAtOnce>>> agent{small_problem(), {}};
  const auto lines = update(agent);
  CHECK(moves(lines) == Lines{"value.apply", "policy.apply", "critic.apply and follow"});
  CHECK(count(lines, "backward 1") == 3);
  CHECK(at(lines, "value.apply") > std::find(lines.rbegin(), lines.rend(), "backward 1").base() - lines.begin() - 1);
  CHECK(at(lines, "value.both fixed") < at(lines, "value.apply"));
  agent_of<recipes::Sac::with<schedule<AllAtOnce>>> sac{small_problem(), {}};
  CHECK(moves(update(sac)) == Lines{"policy.apply", "critic.apply", "scalar.apply", "critic.follow"});
}

TEST_CASE("one pass of the policy serves both states wherever it stands still between actor and critic",
          "[compose][learner]") {
  const auto passes = []<class R>(R) {
    agent_of<R> agent{small_problem(), {}};
    const auto lines = update(agent);
    return std::array{count(lines, "policy.trained and fixed"), count(lines, "policy.trained"),
                      count(lines, "policy.fixed")};
  };
  using Passes = std::array<std::int64_t, 3>;
  const auto is = [](const auto& seen, const Passes& wanted) {
    return Passes{std::int64_t(seen[0]), std::int64_t(seen[1]), std::int64_t(seen[2])} == wanted;
  };
  CHECK(is(passes(recipes::Sac::with<schedule<CriticFirst>>{}), {1, 0, 0}));
  CHECK(is(passes(recipes::Sac::with<schedule<AllAtOnce>>{}),
           {1, 0, 0}));  // the actor asks first, and the critic finds its state there
  CHECK(is(passes(recipes::Sac::with<schedule<ActorThenTemperature>>{}), {0, 1, 1}));  // the policy moves between them
  CHECK(is(passes(recipes::Sac::with<schedule<TemperatureFirst>>{}), {0, 1, 1}));
  CHECK(is(passes(recipes::Iql::with<schedule<AllAtOnce>>{}), {0, 1, 0}));  // a critic that asks for no policy
  CHECK(is(passes(recipes::Td3::with<schedule<AllAtOnce>>{}),
           {0, 0, 0}));  // one that asks for its target copy; the actor is not due
}

namespace {
/// The targets after updates 1, 3, 5; the critic's step waits for them.
struct OddTargets : Order<stage::targets, stage::critic> {
  template <class S>
  static constexpr phase when(S, const params&) {
    if constexpr (std::is_same_v<S, stage::targets>) return {2, 1};
    else return {1, 0, true};
  }
};
}  // namespace

TEST_CASE("a period may begin at another update, and a schedule may end with steps that wait", "[compose][learner]") {
  agent_of<recipes::DiscreteCql::with<schedule<OddTargets>>> agent{small_problem(), {}};
  for (int k = 0; k < 2; ++k) {
    CHECK(moves(update(agent)) == Lines{"critic.follow", "critic.apply"});
    CHECK(moves(update(agent)) == Lines{"critic.apply"});
  }
}

TEST_CASE("a model of the behavior may move after what looks at it", "[compose][learner]") {
  agent_of<recipes::DiscreteBcq> agent{small_problem(), {}};
  CHECK(moves(update(agent)) == Lines{"critic.apply", "behavior.apply", "critic.follow"});
  const auto lines = update(agent);
  CHECK(at(lines, "behavior.fixed") < at(lines, "behavior.apply"));
  CHECK(count(lines, "behavior.fixed") == 1);
}

TEST_CASE("multipliers of every part move after the actor", "[compose][learner]") {
  agent_of<recipes::CqlLagrange> agent{small_problem(), {}};
  CHECK(moves(update(agent)) == Lines{"policy.apply", "critic.apply", "scalar.apply", "scalar.apply", "critic.follow"});
  CHECK(names(agent) == Lines{"actor/entropy", "actor/q", "critic/td", "critic/conservative", "critic/multiplier",
                              "actor/temperature"});
}

TEST_CASE("a policy that acts by the critic has no network", "[compose][learner]") {
  agent_of<recipes::DiscreteCql> agent{small_problem(), {}};
  CHECK(moves(update(agent)) == Lines{"critic.apply and follow"});
  const auto lines = update(agent);
  CHECK(count(lines, "critic.trained") == 1);  // the regression and the gap look at the same pass
  static_assert(std::is_same_v<learner<recipes::DiscreteCql, SymbolicBackend>::reads, columns<>>);
  static_assert(learner<recipes::ReBrac, SymbolicBackend>::reads::has<column::next_action> &&
                learner<recipes::Awr, SymbolicBackend>::logged_columns::has<column::returns>);
}

TEST_CASE("a conservative critic asks the policy once for each state", "[compose][learner]") {
  agent_of<recipes::Cql> agent{small_problem(), {}};
  update(agent);
  const auto lines = update(agent);
  CHECK(count(lines, "policy.trained and fixed") == 1);  // both states, for the target, the gap and the actor
  CHECK(count(lines, "policy.trained") + count(lines, "policy.fixed") == 0);
  CHECK(count(lines, "critic.trained") == 1);       // at the log's actions
  CHECK(count(lines, "critic.trained many") == 1);  // at the others
}

TEST_CASE("a value's copy is taken every so many updates", "[compose][learner]") {
  params_of<recipes::Awr> p;
  p.value.refresh = 2;
  agent_of<recipes::Awr> agent{small_problem(), {}, p};
  CHECK(moves(update(agent)) == Lines{"value.apply", "policy.apply"});
  CHECK(moves(update(agent)) == Lines{"value.apply", "value.follow", "policy.apply"});
}

TEST_CASE("an actor may move the policy by itself, before the value is fitted to what the paths returned",
          "[compose][learner]") {
  agent_of<recipes::MorelNpg> agent{small_problem(), {}};
  const auto lines = update(agent);
  CHECK(count(lines, "policy.move") == 1);
  CHECK(count(lines, "policy.apply") == 0);
  CHECK(at(lines, "policy.move") < at(lines, "value.apply"));
  CHECK(at(lines, "policy.jacobian") < at(lines, "policy.move"));
  CHECK(names(agent) == Lines{"actor/surrogate", "value/mse", "actor/gain", "actor/kl"});
  static_assert(!agent_of<recipes::MorelNpg>::logged_columns::has<column::returns>, "they come with the paths");
  static_assert(agent_of<recipes::MorelNpg::with<value<ReturnRegression>>>::imagines &&
                !agent_of<recipes::MorelNpg::with<value<ReturnRegression>>>::logged_columns::has<column::returns>);
}

namespace {
struct FittedThrice : ReturnRegression {
  template <class Step>
  static void run(stage::value at, const params&, Step& step) {
    step.repeat(3, [&](Step& s) { s.descend(at, s.template state_of<value>().net); });
  }
};
}  // namespace
TEST_CASE("a value may be fitted several times in an update, and is reported once", "[compose][learner]") {
  agent_of<recipes::Awr::with<value<FittedThrice>>> agent{small_problem(), {}};
  CHECK(moves(update(agent)) == Lines{"value.apply", "value.apply", "value.apply", "policy.apply"});
  CHECK(names(agent) == Lines{"value/mse", "actor/awr"});
}
