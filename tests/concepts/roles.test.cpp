#include "archetypes/models.hpp"

#include <catch2/catch.hpp>

using namespace archetypes;

// A least model is a model.
static_assert(Policy<LeastPolicy<Continuous>> && Policy<LeastPolicy<Discrete>>);
static_assert(SamplingPolicy<LeastSamplingPolicy<Discrete>> && SamplingPolicy<LeastSamplingPolicy<Continuous>>);
static_assert(tessera::LogDensityPolicy<archetypes::LeastLogDensityPolicy<Discrete>>);
static_assert(ReparameterizedPolicy<LeastReparameterizedPolicy>);
static_assert(SoftPolicy<LeastSoftPolicy>);
static_assert(EnumerablePolicy<LeastEnumerablePolicy>);
static_assert(CriticUpdate<LeastCritic> && CriticUpdate<LeastCritic>);
static_assert(ValueEstimate<LeastValue> && FittedValue<LeastFittedValue>);
static_assert(ActorObjective<LeastActor> && EntropyRegularized<LeastActorWithTemperature>);
static_assert(RunsIn<LeastActorWithDuals, stage::duals> && !RunsIn<LeastActorWithDuals, stage::actor>);
static_assert(BehaviorConstraint<LeastConstraint> && ActionSelection<LeastSelection>);
static_assert(DynamicsModel<LeastDynamics> && EnsembleDynamics<LeastEnsemble> && !EnsembleDynamics<LeastDynamics>);
static_assert(UncertaintyPenalty<LeastPenalty> && UncertaintyPenalty<LeastTargetPenalty> && !ChargesTransitions<LeastTargetPenalty> && !CalibratedPenalty<LeastPenalty>);
static_assert(FollowsPolicy<LeastPaths> && !FollowsPolicy<LeastImaginingData> && FisherPolicy<LeastFisherPolicy>);
static_assert(RegressesToReturns<LeastValueOfReturns> && !RegressesToReturns<LeastFittedValue>);
static_assert(!MovesIn<LeastActor, stage::actor> && !RunsIn<LeastActor, stage::start>);
static_assert(ImaginesTransitions<LeastImaginingData> && !ImaginesTransitions<LeastDataSource>);
static_assert(DataSource<LeastDataSource> && UpdateSchedule<LeastSchedule> && DefaultValues<LeastDefaults>);

// What a least model does not have, it is not taken to have.
static_assert(!SamplingPolicy<LeastPolicy<Continuous>>);
static_assert(!LogDensityPolicy<LeastSamplingPolicy<Continuous>>);
static_assert(!ReparameterizedPolicy<LeastSamplingPolicy<Continuous>>);
static_assert(!SoftPolicy<LeastReparameterizedPolicy>);
static_assert(!EnumerablePolicy<archetypes::LeastLogDensityPolicy<Discrete>>);
static_assert(!UsesTargetPolicy<LeastCritic>);
static_assert(!FittedValue<LeastValue>);
static_assert(!EntropyRegularized<LeastActor> && !RunsIn<LeastActor, stage::duals>);

namespace broken {
// A part plays the role it names, whatever members it has.
struct Nothing {};
struct UnnamedPolicy {  // no role
  using space = Continuous;
  using params = network_params;
  using needs_ = needs<>;
  static head_layout layout(const params&, std::int64_t size) { return {size}; }
  template <class T>
  static T mode(const params&, const head<T>&) {
    return {};
  }
};
struct MisnamedPolicy : LeastPolicy<Continuous> {
  using role = tessera::role::critic_update;
};
struct NeedlessPolicy : UnnamedPolicy {  // no list of needs
  using role = tessera::role::policy;

 private:
  using needs_ = needs<>;
};
static_assert(!Component<Nothing> && !Component<UnnamedPolicy> && !Policy<UnnamedPolicy>);
static_assert(!Policy<MisnamedPolicy> && !CriticUpdate<MisnamedPolicy>);
static_assert(!Component<NeedlessPolicy>);

struct Nowhere {};  // a space without a name
struct PolicyNowhere : LeastPolicy<Nowhere> {};
static_assert(!ActionSpace<Nowhere> && !Policy<PolicyNowhere>);
static_assert(ActionSpace<Continuous> && ActionSpace<Discrete>);

struct NetlessPolicy : LeastPolicy<Continuous> {  // its parameters name no network
  struct params {};
  static head_layout layout(const params&, std::int64_t size) { return {size}; }
  template <class T>
  static T mode(const params&, const head<T>&) {
    return {};
  }
};
static_assert(!Policy<NetlessPolicy>);

struct PolicyOfNumbers : LeastPolicy<Continuous> {  // its mode is no tensor
  template <class T>
  static double mode(const params&, const head<T>&) {
    return 0;
  }
};
static_assert(Policy<PolicyOfNumbers> && !ModePolicy<PolicyOfNumbers>);

struct DiscreteReparameterized : LeastSamplingPolicy<Discrete> {  // there is no pathwise gradient of an index
  static constexpr bool reparameterized = true;
};
struct ScoreFunctionPolicy : LeastSamplingPolicy<Continuous> {  // says that it is not
  static constexpr bool reparameterized = false;
};
static_assert(!ReparameterizedPolicy<DiscreteReparameterized> && !ReparameterizedPolicy<ScoreFunctionPolicy>);

struct ContinuousEnumerable : LeastEnumerablePolicy {  // no sum over a continuum
  using space = Continuous;
};
static_assert(!EnumerablePolicy<ContinuousEnumerable>);

struct Undiscounted : LeastCritic {
  struct params {
    int net, adam;
    double polyak;
    std::int64_t members;
  };
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"critic/td", {}};
  }
};
static_assert(!CriticUpdate<Undiscounted>);
struct CriticOfNothing {  // brings no Q
  using role = tessera::role::critic_update;
  using params = critic_params;
  using needs_ = needs<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"critic/td", {}};
  }
};
static_assert(!CriticUpdate<CriticOfNothing>);

struct AdvantageWithoutEstimate {
  using role = tessera::role::value_estimate;
  struct params {};
  using needs_ = needs<>;
  template <class Step>
  static typename Step::tensor advantage(const params&, Step&) {
    return {};
  }
};
static_assert(!ValueEstimate<AdvantageWithoutEstimate>);

struct NumberActor : LeastActor {
  template <class Step>
  static typename Step::tensor loss(const params&, Step&) {  // a summand without a name
    return {};
  }
};
struct ConstraintAsActor : LeastConstraint {};
static_assert(!ActorObjective<NumberActor> && !ActorObjective<ConstraintAsActor> && !BehaviorConstraint<LeastActor>);

// A flag alone is no model: what the learner calls must be there.
struct FlaggedData : LeastDataSource {
  static constexpr bool imagines = true, follows_policy = true;
};
static_assert(DataSource<FlaggedData> && !ImaginesTransitions<FlaggedData> && !FollowsPolicy<FlaggedData>);
struct BatchlessData {
  using role = tessera::role::data_source;
  struct params {};
  using needs_ = needs<>;
  template <class Data, class Out>
  static void prepare(const auto&, const Data&, Out&) {}
};
static_assert(!DataSource<BatchlessData>);
struct TimelessSchedule {
  using role = tessera::role::update_schedule;
  struct params {};
  using needs_ = needs<>;
  using order = list_of<stage::actor, stage::critic>;
  static constexpr phase when(stage::actor, const params&) { return {}; }
};
static_assert(!UpdateSchedule<TimelessSchedule>);
}  // namespace broken

TEST_CASE("a sum of terms keeps their names and order", "[concepts]") {
  terms<int> sum{"actor/q", 3};
  sum.add("actor/entropy", 4).add("actor/third", 5);
  REQUIRE(sum.items.size() == 3);
  CHECK(std::string(sum.items[0].name) == "actor/q");
  CHECK(sum.items[1].value == 4);
  CHECK(std::string(sum.items[2].name) == "actor/third");
  CHECK(terms<int>{}.empty());
  sum.add(terms<int>{"critic/td", 6}.add("critic/gap", 7));  // as many as there are
  REQUIRE(sum.items.size() == 5);
  CHECK(std::string(sum.items[4].name) == "critic/gap");
}
