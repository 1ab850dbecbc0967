#include "archetypes/models.hpp"

#include <catch2/catch.hpp>

using namespace archetypes;

// A minimal model is a model.
static_assert(Policy<MinimalPolicy<Continuous>> && Policy<MinimalPolicy<Discrete>>);
static_assert(SamplingPolicy<MinimalSamplingPolicy<Discrete>> && SamplingPolicy<MinimalSamplingPolicy<Continuous>>);
static_assert(tessera::LogDensityPolicy<archetypes::MinimalLogDensityPolicy<Discrete>>);
static_assert(ReparameterizedPolicy<MinimalReparameterizedPolicy>);
static_assert(SoftPolicy<MinimalSoftPolicy>);
static_assert(EnumerablePolicy<MinimalEnumerablePolicy>);
static_assert(CriticUpdate<MinimalCritic> && CriticUpdate<MinimalCritic>);
static_assert(ValueEstimate<MinimalValue> && FittedValue<MinimalFittedValue>);
static_assert(ActorObjective<MinimalActor> && EntropyRegularized<MinimalActorWithTemperature>);
static_assert(RunsIn<MinimalActorWithDuals, stage::duals> && !RunsIn<MinimalActorWithDuals, stage::actor>);
static_assert(BehaviorConstraint<MinimalConstraint> && ActionSelection<MinimalSelection>);
static_assert(DynamicsModel<MinimalDynamics> && EnsembleDynamics<MinimalEnsemble> &&
              !EnsembleDynamics<MinimalDynamics>);
static_assert(UncertaintyPenalty<MinimalPenalty> && UncertaintyPenalty<MinimalTargetPenalty> &&
              !PenalizesTransitions<MinimalTargetPenalty> && !CalibratedPenalty<MinimalPenalty>);
static_assert(FollowsPolicy<MinimalPaths> && !FollowsPolicy<MinimalImaginingData> && FisherPolicy<MinimalFisherPolicy>);
static_assert(RegressesToReturns<MinimalValueOfReturns> && !RegressesToReturns<MinimalFittedValue>);
static_assert(!MovesIn<MinimalActor, stage::actor> && !RunsIn<MinimalActor, stage::start>);
static_assert(ImaginesTransitions<MinimalImaginingData> && !ImaginesTransitions<MinimalDataSource>);
static_assert(DataSource<MinimalDataSource> && UpdateSchedule<MinimalSchedule> && DefaultValues<MinimalDefaults>);

// What a minimal model lacks, it is not assumed to have.
static_assert(!SamplingPolicy<MinimalPolicy<Continuous>>);
static_assert(!LogDensityPolicy<MinimalSamplingPolicy<Continuous>>);
static_assert(!ReparameterizedPolicy<MinimalSamplingPolicy<Continuous>>);
static_assert(!SoftPolicy<MinimalReparameterizedPolicy>);
static_assert(!EnumerablePolicy<archetypes::MinimalLogDensityPolicy<Discrete>>);
static_assert(!UsesTargetPolicy<MinimalCritic>);
static_assert(!FittedValue<MinimalValue>);
static_assert(!EntropyRegularized<MinimalActor> && !RunsIn<MinimalActor, stage::duals>);

namespace broken {
// A part plays the role it names, whatever members it has.
struct Nothing {};
struct UnnamedPolicy {  // no role
  using space = Continuous;
  using params = network_params;
  using needs = all_of<>;
  static head_layout layout(const params&, std::int64_t size) { return {size}; }
  template <class T>
  static T mode(const params&, const head<T>&) {
    return {};
  }
};
struct MisnamedPolicy : MinimalPolicy<Continuous> {
  using role = tessera::role::critic_update;
};
struct NeedlessPolicy : UnnamedPolicy {  // no list of needs
  using role = tessera::role::policy;

 private:
  using needs = all_of<>;
};
static_assert(!Component<Nothing> && !Component<UnnamedPolicy> && !Policy<UnnamedPolicy>);
static_assert(!Policy<MisnamedPolicy> && !CriticUpdate<MisnamedPolicy>);
static_assert(!Component<NeedlessPolicy>);

struct Nowhere {};  // a space without a name
struct PolicyNowhere : MinimalPolicy<Nowhere> {};
static_assert(!ActionSpace<Nowhere> && !Policy<PolicyNowhere>);
static_assert(ActionSpace<Continuous> && ActionSpace<Discrete>);

struct NetlessPolicy : MinimalPolicy<Continuous> {  // its parameters name no network
  struct params {};
  static head_layout layout(const params&, std::int64_t size) { return {size}; }
  template <class T>
  static T mode(const params&, const head<T>&) {
    return {};
  }
};
static_assert(!Policy<NetlessPolicy>);

struct PolicyOfNumbers : MinimalPolicy<Continuous> {  // its mode is no tensor
  template <class T>
  static double mode(const params&, const head<T>&) {
    return 0;
  }
};
static_assert(Policy<PolicyOfNumbers> && !ModePolicy<PolicyOfNumbers>);

struct DiscreteReparameterized : MinimalSamplingPolicy<Discrete> {  // there is no pathwise gradient of an index
  static constexpr bool reparameterized = true;
};
struct ScoreFunctionPolicy : MinimalSamplingPolicy<Continuous> {  // says that it is not
  static constexpr bool reparameterized = false;
};
static_assert(!ReparameterizedPolicy<DiscreteReparameterized> && !ReparameterizedPolicy<ScoreFunctionPolicy>);

struct ContinuousEnumerable : MinimalEnumerablePolicy {  // no sum over a continuum
  using space = Continuous;
};
static_assert(!EnumerablePolicy<ContinuousEnumerable>);

struct Undiscounted : MinimalCritic {
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
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"critic/td", {}};
  }
};
static_assert(!CriticUpdate<CriticOfNothing>);

struct AdvantageWithoutEstimate {
  using role = tessera::role::value_estimate;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static typename Step::tensor advantage(const params&, Step&) {
    return {};
  }
};
static_assert(!ValueEstimate<AdvantageWithoutEstimate>);

struct NumberActor : MinimalActor {
  template <class Step>
  static typename Step::tensor loss(const params&, Step&) {  // a summand without a name
    return {};
  }
};
struct ConstraintAsActor : MinimalConstraint {};
static_assert(!ActorObjective<NumberActor> && !ActorObjective<ConstraintAsActor> && !BehaviorConstraint<MinimalActor>);

// A flag alone is no model: what the learner calls must be there.
struct FlaggedData : MinimalDataSource {
  static constexpr bool imagines = true, follows_policy = true;
};
static_assert(DataSource<FlaggedData> && !ImaginesTransitions<FlaggedData> && !FollowsPolicy<FlaggedData>);
struct BatchlessData {
  using role = tessera::role::data_source;
  struct params {};
  using needs = all_of<>;
  template <class Data, class Out>
  static void prepare(const auto&, const Data&, Out&) {}
};
static_assert(!DataSource<BatchlessData>);
struct TimelessSchedule {
  using role = tessera::role::update_schedule;
  struct params {};
  using needs = all_of<>;
  using order = list_of<stage::actor, stage::critic>;
  static constexpr phase when(stage::actor, const params&) { return {}; }
};
static_assert(!UpdateSchedule<TimelessSchedule>);

// The first piece that is not there is named, in the order of the concept's list.
template <class T, class Checks, class Piece>
constexpr bool is_first_lack = std::same_as<first_lack<T, Checks>, Piece>;
static_assert(is_first_lack<MinimalPolicy<Continuous>, policy_checks, void> &&
              is_first_lack<Nothing, policy_checks, lack::role>);
static_assert(is_first_lack<UnnamedPolicy, policy_checks, lack::role> &&
              is_first_lack<NeedlessPolicy, policy_checks, lack::needs>);
static_assert(is_first_lack<MisnamedPolicy, policy_checks, lack::this_role<tessera::role::policy>>);
static_assert(is_first_lack<PolicyNowhere, policy_checks, lack::action_space> &&
              is_first_lack<NetlessPolicy, policy_checks, lack::at_states>);
static_assert(is_first_lack<NetlessPolicy, asked_by_base<NetlessPolicy>, lack::net_and_adam_in_params>);
static_assert(is_first_lack<Undiscounted, critic_update_checks, lack::discount_in_params> &&
              is_first_lack<CriticOfNothing, critic_update_checks, lack::lookups>);
static_assert(is_first_lack<AdvantageWithoutEstimate, value_estimate_checks, lack::estimate_that_returns_a_tensor>);
static_assert(is_first_lack<NumberActor, actor_objective_checks, lack::loss_that_returns_terms>);
static_assert(is_first_lack<BatchlessData, data_source_checks, lack::batch_that_returns_a_batch>);
static_assert(is_first_lack<TimelessSchedule, update_schedule_checks, lack::when_for_every_stage>);
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
