#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/actor/behaviour_cloning.hpp>
#include <tessera/actor/maximise_q.hpp>
#include <tessera/actor/soft_maximise_q.hpp>
#include <tessera/actor/softmax_advantage_weighted.hpp>
#include <tessera/compose/schedule.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/critic/smoothed_policy_backup.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/critic/value_backup.hpp>
#include <tessera/data/offline.hpp>
#include <tessera/data/top_episodes.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/select/greedy.hpp>
#include <tessera/select/mode.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/value/expectile.hpp>
#include <tessera/value/policy_mean.hpp>
#include <tessera/value/quantile.hpp>

#include <catch2/catch.hpp>

#include "archetypes/models.hpp"
#include "archetypes/use.hpp"

using namespace tessera;

// Policies.  A deterministic one has no density, and its sample is a function of its parameters.
static_assert(SoftPolicy<GaussianPolicy> && SoftPolicy<StateDependentGaussianPolicy> && SoftPolicy<TanhGaussianPolicy>);
static_assert(ReparameterizedPolicy<DeterministicPolicy>);
static_assert(!LogDensityPolicy<DeterministicPolicy> && !SoftPolicy<DeterministicPolicy>);
static_assert(EnumerablePolicy<CategoricalPolicy> && SamplingPolicy<CategoricalPolicy>);
static_assert(!ReparameterizedPolicy<CategoricalPolicy>, "an index has no gradient");
static_assert(!EnumerablePolicy<GaussianPolicy>, "a continuum has no list of actions");

// Critics.  Only TD3's reads a target policy.
static_assert(CriticUpdate<PolicyBackup> && CriticUpdate<DiscretePolicyBackup> && CriticUpdate<SmoothedPolicyBackup>);
static_assert(CriticUpdate<SoftBackup> && CriticUpdate<ValueBackup> && CriticUpdate<DiscreteValueBackup>);
static_assert(UsesTargetPolicy<SmoothedPolicyBackup>);
static_assert(!UsesTargetPolicy<PolicyBackup> && !UsesTargetPolicy<SoftBackup> && !UsesTargetPolicy<ValueBackup>);
static_assert(!ValueEstimate<ValueBackup>, "it reads a value, it is none");

// Values.  A mean over the policy has nothing to fit.
static_assert(FittedValue<Expectile> && FittedValue<Quantile>);
static_assert(ValueEstimate<PolicyMean> && !FittedValue<PolicyMean>);

// Actors.
static_assert(ActorObjective<BehaviourCloning> && ActorObjective<AdvantageWeighted> && ActorObjective<MaximiseQ>);
static_assert(EntropyRegularized<SoftMaximiseQ> && HasDuals<SoftMaximiseQ>);
static_assert(!EntropyRegularized<MaximiseQ> && !HasDuals<AdvantageWeighted> && !HasDuals<SoftmaxAdvantageWeighted>);

// Constraints are no actors: they do not say what is good.
static_assert(BehaviorConstraint<ForwardKl> && BehaviorConstraint<SquaredError>);
static_assert(!ActorObjective<ForwardKl> && !BehaviorConstraint<BehaviourCloning>);

static_assert(ActionSelection<Mode> && ActionSelection<Sample> && ActionSelection<Greedy>);
static_assert(DataSource<Offline> && DataSource<TopEpisodes> && UpdateSchedule<CriticFirst> && UpdateSchedule<ValueFirst>);

namespace {
using namespace archetypes;
template <class C>
using P = tessera::policy<C>;
using C = Continuous;
using D = Discrete;
}  // namespace

TEST_CASE("every part compiles with the least that it asks for", "[concepts]") {
  use<recipe<P<archetypes::LeastLogDensityPolicy<C>>, actor<BehaviourCloning>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<D>>, actor<BehaviourCloning>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<C>>, value<LeastValue>, actor<AdvantageWeighted>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<D>>, value<LeastValue>, actor<SoftmaxAdvantageWeighted>>>();
  use<recipe<P<LeastReparameterizedPolicy>, critic<LeastCritic<C>>, actor<MaximiseQ>>>();
  use<recipe<P<LeastSoftPolicy>, critic<LeastCritic<C>>, actor<SoftMaximiseQ>>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<PolicyBackup>, actor<LeastActor>>>();
  use<recipe<P<LeastEnumerablePolicy>, critic<DiscretePolicyBackup>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<C>>, critic<SmoothedPolicyBackup>, actor<LeastActor>>>();
  use<recipe<P<LeastSoftPolicy>, critic<SoftBackup>, actor<LeastActorWithTemperature>>>();
  use<recipe<P<LeastPolicy<C>>, critic<ValueBackup>, value<LeastValue>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<D>>, critic<DiscreteValueBackup>, value<LeastValue>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<C>>, critic<LeastCritic<C>>, value<Expectile>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<D>>, critic<LeastCritic<D>>, value<Quantile>, actor<LeastActor>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<C>>, critic<LeastCritic<C>>, value<Expectile>, actor<AdvantageWeighted>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<C>>, actor<LeastActor>, constraint<ForwardKl>>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, constraint<SquaredError>>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, tessera::select<Mode>>>();
  use<recipe<P<LeastSamplingPolicy<D>>, actor<LeastActor>, tessera::select<Sample>>>();
  use<recipe<P<LeastPolicy<D>>, critic<LeastCritic<D>>, actor<LeastActor>, tessera::select<Greedy>>>();
  use<recipe<P<LeastPolicy<C>>, critic<LeastCritic<C>>, value<LeastFittedValue>, actor<LeastActorWithDuals>,
             constraint<LeastConstraint>, tessera::data<LeastDataSource>, tessera::select<LeastSelection>,
             schedule<LeastSchedule>, defaults<LeastDefaults>>>();

  use<recipe<P<LeastSamplingPolicy<C>>, critic<ValueBackup>, value<PolicyMean>, actor<LeastActor>>>();
  use<recipe<P<LeastSamplingPolicy<D>>, critic<DiscreteValueBackup>, value<PolicyMean>, actor<LeastActor>>>();
  SUCCEED("compiled");
}
