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
static_assert(CriticUpdate<LeastCritic<Continuous>> && CriticUpdate<LeastCritic<Discrete>>);
static_assert(ValueEstimate<LeastValue> && FittedValue<LeastFittedValue>);
static_assert(ActorObjective<LeastActor> && EntropyRegularized<LeastActorWithTemperature>);
static_assert(HasDuals<LeastActorWithDuals>);
static_assert(BehaviorConstraint<LeastConstraint> && ActionSelection<LeastSelection>);
static_assert(DynamicsModel<LeastDynamics> && EnsembleDynamics<LeastEnsemble> && !EnsembleDynamics<LeastDynamics>);
static_assert(UncertaintyPenalty<LeastPenalty> && UncertaintyPenalty<LeastTargetPenalty> && !ChargesTransitions<LeastTargetPenalty> && !CalibratedPenalty<LeastPenalty>);
static_assert(FollowsPolicy<LeastPaths> && !FollowsPolicy<LeastImaginingData> && FisherPolicy<LeastFisherPolicy>);
static_assert(RegressesToReturns<LeastValueOfReturns> && !RegressesToReturns<LeastFittedValue> && !FitsRepeatedly<LeastFittedValue>);
static_assert(!MovesPolicy<LeastActor> && !StartsFromLog<LeastActor>);
static_assert(ImaginesTransitions<LeastImaginingData> && !ImaginesTransitions<LeastDataSource>);
static_assert(DataSource<LeastDataSource> && UpdateSchedule<LeastSchedule> && DefaultValues<LeastDefaults>);

// What a least model does not have, it is not taken to have.
static_assert(!SamplingPolicy<LeastPolicy<Continuous>>);
static_assert(!LogDensityPolicy<LeastSamplingPolicy<Continuous>>);
static_assert(!ReparameterizedPolicy<LeastSamplingPolicy<Continuous>>);
static_assert(!SoftPolicy<LeastReparameterizedPolicy>);
static_assert(!EnumerablePolicy<archetypes::LeastLogDensityPolicy<Discrete>>);
static_assert(!UsesTargetPolicy<LeastCritic<Continuous>>);
static_assert(!FittedValue<LeastValue>);
static_assert(!EntropyRegularized<LeastActor> && !HasDuals<LeastActor>);

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
static_assert(!Policy<PolicyOfNumbers>);

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

struct Undiscounted : LeastCritic<Continuous> {
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
struct SpacelessCritic : LeastCritic<Nowhere> {};
static_assert(!CriticUpdate<SpacelessCritic>);

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

struct DualsWithoutStep : LeastActor {
  template <class Step>
  static terms<typename Step::tensor> duals(const params&, Step&) {
    return {"actor/dual", {}};
  }
};
static_assert(!HasDuals<DualsWithoutStep>);
}  // namespace broken

TEST_CASE("a sum of terms keeps their names and order", "[concepts]") {
  terms<int> sum{"actor/q", 3};
  sum.add("actor/entropy", 4).add("actor/third", 5);
  REQUIRE(sum.count == 3);
  CHECK(std::string(sum.items[0].name) == "actor/q");
  CHECK(sum.items[1].value == 4);
  CHECK(std::string(sum.items[2].name) == "actor/third");
  CHECK(terms<int>{}.count == 0);
}
