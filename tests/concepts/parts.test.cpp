#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/actor/behavior_cloning.hpp>
#include <tessera/actor/binary_weighted.hpp>
#include <tessera/actor/boltzmann_weighted.hpp>
#include <tessera/actor/fixed_temperature_maximize_q.hpp>
#include <tessera/actor/in_sample_softmax.hpp>
#include <tessera/actor/maximize_q.hpp>
#include <tessera/actor/natural_policy_gradient.hpp>
#include <tessera/actor/soft_maximize_q.hpp>
#include <tessera/actor/softmax_advantage_weighted.hpp>
#include <tessera/actor/sparse_weighted.hpp>
#include <tessera/behavior/categorical_support.hpp>
#include <tessera/behavior/density.hpp>
#include <tessera/behavior/vae.hpp>
#include <tessera/constraint/dual_kl.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/constraint/mmd.hpp>
#include <tessera/constraint/reverse_kl.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/critic/best_of_policy_backup.hpp>
#include <tessera/critic/cloning_penalized.hpp>
#include <tessera/critic/conservative.hpp>
#include <tessera/critic/diversified.hpp>
#include <tessera/critic/double_q_backup.hpp>
#include <tessera/critic/log_behavior_reward.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/critic/smoothed_policy_backup.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/critic/supported_double_q_backup.hpp>
#include <tessera/critic/value_backup.hpp>
#include <tessera/critic/value_penalized.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/data/model_rollouts.hpp>
#include <tessera/data/offline.hpp>
#include <tessera/data/top_episodes.hpp>
#include <tessera/dynamics/adversarial.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/greedy_policy.hpp>
#include <tessera/policy/scaled_tanh_gaussian.hpp>
#include <tessera/policy/sigmoid_std_gaussian.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/schedule/schedule.hpp>
#include <tessera/select/best_of.hpp>
#include <tessera/select/greedy.hpp>
#include <tessera/select/mode.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/select/supported_greedy.hpp>
#include <tessera/uncertainty/halt_above.hpp>
#include <tessera/uncertainty/next_value_std.hpp>
#include <tessera/uncertainty/soft_penalty.hpp>
#include <tessera/value/expectile.hpp>
#include <tessera/value/exponential.hpp>
#include <tessera/value/fitted_policy_mean.hpp>
#include <tessera/value/gumbel.hpp>
#include <tessera/value/policy_mean.hpp>
#include <tessera/value/quantile.hpp>
#include <tessera/value/return_regression.hpp>
#include <tessera/value/rollout_baseline.hpp>
#include <tessera/value/sparse.hpp>

#include <catch2/catch.hpp>

#include "archetypes/models.hpp"
#include "archetypes/use.hpp"

using namespace tessera;

// Policies.  A deterministic one has no density, and its sample is a function of its parameters.
static_assert(SoftPolicy<GaussianPolicy> && SoftPolicy<StateDependentGaussianPolicy> && SoftPolicy<TanhGaussianPolicy>);
static_assert(SoftPolicy<ScaledTanhGaussianPolicy> && !FisherPolicy<ScaledTanhGaussianPolicy>);
static_assert(SoftPolicy<SigmoidStdGaussianPolicy> && UnboundedPolicy<SigmoidStdGaussianPolicy> && !FisherPolicy<SigmoidStdGaussianPolicy>);
static_assert(!UnboundedPolicy<GaussianPolicy> && !UnboundedPolicy<TanhGaussianPolicy>, "a sample is clipped, or squashed");
static_assert(SquashedPolicy<TanhGaussianPolicy> && !SquashedPolicy<GaussianPolicy> && !SquashedPolicy<SigmoidStdGaussianPolicy>);
static_assert(ReparameterizedPolicy<DeterministicPolicy>);
static_assert(!LogDensityPolicy<DeterministicPolicy> && !SoftPolicy<DeterministicPolicy>);
static_assert(EnumerablePolicy<CategoricalPolicy> && SamplingPolicy<CategoricalPolicy>);
static_assert(!ReparameterizedPolicy<CategoricalPolicy>, "an index has no gradient");
static_assert(!EnumerablePolicy<GaussianPolicy>, "a continuum has no list of actions");
static_assert(FisherPolicy<GaussianPolicy> && FisherPolicy<StateDependentGaussianPolicy> && FisherPolicy<CategoricalPolicy>);
static_assert(!FisherPolicy<DeterministicPolicy> && !FisherPolicy<TanhGaussianPolicy>);

// Critics.  Three read a target policy, TD3's, BEAR's and CRR's.
static_assert(CriticUpdate<PolicyBackup> && CriticUpdate<PolicyBackup> && CriticUpdate<SmoothedPolicyBackup>);
static_assert(CriticUpdate<SoftBackup> && CriticUpdate<ValueBackup> && CriticUpdate<ValueBackup>);
static_assert(UsesTargetPolicy<SmoothedPolicyBackup> && UsesTargetPolicy<TargetPolicyBackup> && ActionBackup<TargetPolicyBackup>);
static_assert(UsesTargetPolicy<BestOfPolicyBackup>);
static_assert(!UsesTargetPolicy<PolicyBackup> && !UsesTargetPolicy<SoftBackup> && !UsesTargetPolicy<ValueBackup>);
static_assert(!ValueEstimate<ValueBackup>, "it reads a value, it is none");
static_assert(OneStepBackup<SoftBackup> && OneStepBackup<SoftBackup> && OneStepBackup<DoubleQBackup> && OneStepBackup<BestOfPolicyBackup>);
static_assert(ActionBackup<PolicyBackup> && ActionBackup<SmoothedPolicyBackup> && !ActionBackup<SoftBackup> && !ActionBackup<ValueBackup>);
static_assert(InSample<ValueBackup> && !InSample<PolicyBackup>);
// Wrapped, a critic update is one still, and keeps what it was.
static_assert(CriticUpdate<Conservative<SoftBackup>> && CriticUpdate<Lagrange<Conservative<SoftBackup>>> && CriticUpdate<Diversified<SoftBackup>>);
static_assert(OneStepBackup<ValuePenalised<SoftBackup>> && OneStepBackup<LogBehaviorReward<SoftBackup>>);
static_assert(ActionBackup<CloningPenalised<PolicyBackup>> && UsesTargetPolicy<Conservative<SmoothedPolicyBackup>> && InSample<Conservative<ValueBackup>>);
static_assert(RunsIn<Lagrange<Conservative<SoftBackup>>, stage::duals> && !RunsIn<Conservative<SoftBackup>, stage::duals>);

// Values.  A mean over the policy has nothing to fit.
static_assert(FittedValue<Expectile> && FittedValue<Quantile>);
static_assert(ValueEstimate<PolicyMean> && !FittedValue<PolicyMean>);
static_assert(FittedValue<Gumbel> && FittedValue<Sparse> && FittedValue<FittedPolicyMean> && FittedValue<SoftPolicyMean>);
static_assert(FittedValue<Exponential> && SoftMaximumValue<Exponential> && SoftMaximumValue<Gumbel>);
static_assert(!SoftMaximumValue<Expectile> && !SoftMaximumValue<Sparse> && !SoftMaximumValue<PolicyMean>, "no temperature");
static_assert(Refills<ReturnRegression> && UsesTargetValue<ReturnRegression> && !UsesTargetValue<Expectile>);
// A baseline's returns come with the paths: it has no copy of its own, nor a schedule for one.
static_assert(RegressesToReturns<PathBaseline> && !Refills<PathBaseline> && !RegressesToReturns<Expectile>);

// Actors.
static_assert(ActorObjective<BehaviourCloning> && ActorObjective<AdvantageWeighted> && ActorObjective<MaximiseQ>);
static_assert(EntropyRegularized<SoftMaximiseQ> && RunsIn<SoftMaximiseQ, stage::duals>);
static_assert(MovesIn<NaturalPolicyGradient, stage::actor> && RunsIn<NaturalPolicyGradient, stage::start> && !MovesIn<AdvantageWeighted, stage::actor>);
static_assert(!EntropyRegularized<MaximiseQ> && !RunsIn<AdvantageWeighted, stage::duals> && !RunsIn<SoftmaxAdvantageWeighted, stage::duals>);

static_assert(ActorObjective<BoltzmannWeighted> && !EntropyRegularized<BoltzmannWeighted>, "the temperature is the value's");
static_assert(ActorObjective<BinaryWeighted> && ActorObjective<SparseWeighted> && ActorObjective<MaximiseLeastQ>);
static_assert(EntropyRegularized<FixedTemperatureMaximiseQ> && EntropyRegularized<InSampleSoftmax> && !RunsIn<InSampleSoftmax, stage::duals>);

// Models of the behaviour.  An auto-encoder samples and has no density; a density of indices is a list.
static_assert(BehaviorDensity<Density<TanhGaussianPolicy>> && BehaviorSampler<Density<TanhGaussianPolicy>>);
static_assert(BehaviorDensity<Density<SigmoidStdGaussianPolicy>> && BehaviorSampler<Density<SigmoidStdGaussianPolicy>>);
static_assert(EnumerableBehavior<Density<CategoricalPolicy>> && !BehaviorSampler<Density<CategoricalPolicy>>);
static_assert(BehaviorSampler<Vae> && !BehaviorDensity<Vae> && !Policy<Vae>);
static_assert(EnumerableBehavior<CategoricalSupport> && BehaviorSupport<CategoricalSupport> && !BehaviorSupport<Density<CategoricalPolicy>>);

// Constraints are no actors: they do not say what is good.
static_assert(BehaviorConstraint<ForwardKl> && BehaviorConstraint<SquaredError>);
static_assert(StateDivergence<ForwardKl> && StateDivergence<SquaredError> && StateDivergence<SummedSquaredError> && StateDivergence<ReverseKl>);
static_assert(StateDivergence<DualKl> && RunsIn<DualKl, stage::constraint> && StateDivergence<Mmd<LaplacianKernel>> && StateDivergence<Lagrange<ReverseKl>> && RunsIn<Lagrange<DualKl>, stage::constraint>);
static_assert(!ActorObjective<ForwardKl> && !BehaviorConstraint<BehaviourCloning>);

// Dynamics.  One model alone is no ensemble; an adversary learns on; doubt is charged for in transitions or in targets.
static_assert(EnsembleDynamics<GaussianEnsemble> && EnsembleDynamics<Adversarial<GaussianEnsemble>> && !RunsIn<GaussianEnsemble, stage::dynamics> && RunsIn<Adversarial<GaussianEnsemble>, stage::dynamics>);
static_assert(DynamicsModel<Known<Pendulum>> && !EnsembleDynamics<Known<Pendulum>>);
static_assert(ChargesTransitions<SoftPenalty<MaxStd>> && ChargesTransitions<HaltAbove<StdOfMeans>> && !ChargesTargets<SoftPenalty<MaxStd>>);
static_assert(ChargesTargets<NextValueStd> && !ChargesTransitions<NextValueStd>);
static_assert(CalibratedPenalty<HaltAbove<Disagreement>> && !CalibratedPenalty<SoftPenalty<Disagreement>>);
static_assert(ImaginesTransitions<ModelAugmented> && !ImaginesTransitions<Offline> && !ImaginesTransitions<TopEpisodes>);
static_assert(FollowsPolicy<ModelPaths> && !FollowsPolicy<ModelAugmented>);

static_assert(OneStepBackup<SupportedDoubleQBackup> && !ActionBackup<SupportedDoubleQBackup> && ActionSelection<SupportedGreedy>);
static_assert(ActionSelection<Mode> && ActionSelection<Sample> && ActionSelection<Greedy> && ActionSelection<BestOf>);
static_assert(Policy<GreedyPolicy> && !TrainedPolicy<GreedyPolicy> && !LogDensityPolicy<GreedyPolicy>);
static_assert(DataSource<Offline> && DataSource<TopEpisodes> && UpdateSchedule<CriticFirst> && UpdateSchedule<ValueFirst> && UpdateSchedule<ActorFirst> && UpdateSchedule<BehaviorLast>);

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
  use<recipe<P<LeastReparameterizedPolicy>, critic<LeastCritic>, actor<MaximiseQ>>>();
  use<recipe<P<LeastSoftPolicy>, critic<LeastCritic>, actor<SoftMaximiseQ>>>();
  use<recipe<P<ScaledTanhGaussianPolicy>, critic<LeastCritic>, actor<SoftMaximiseQ>>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<PolicyBackup>, actor<LeastActor>>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<TargetPolicyBackup>, actor<LeastActor>>>();
  use<recipe<P<LeastEnumerablePolicy>, critic<PolicyBackup>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<C>>, critic<SmoothedPolicyBackup>, actor<LeastActor>>>();
  use<recipe<P<LeastSoftPolicy>, critic<SoftBackup>, actor<LeastActorWithTemperature>>>();
  use<recipe<P<LeastPolicy<C>>, critic<ValueBackup>, value<LeastValue>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<D>>, critic<ValueBackup>, value<LeastValue>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<C>>, critic<LeastCritic>, value<Expectile>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<D>>, critic<LeastCritic>, value<Quantile>, actor<LeastActor>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<C>>, critic<LeastCritic>, value<Expectile>, actor<AdvantageWeighted>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<C>>, actor<LeastActor>, constraint<ForwardKl>>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, constraint<SquaredError>>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, tessera::select<Mode>>>();
  use<recipe<P<LeastSamplingPolicy<D>>, actor<LeastActor>, tessera::select<Sample>>>();
  use<recipe<P<LeastPolicy<D>>, critic<LeastCritic>, actor<LeastActor>, tessera::select<Greedy>>>();
  use<recipe<P<LeastPolicy<C>>, critic<LeastCritic>, value<LeastFittedValue>, actor<LeastActorWithDuals>,
             constraint<LeastConstraint>, tessera::data<LeastDataSource>, tessera::select<LeastSelection>,
             schedule<LeastSchedule>, defaults<LeastDefaults>>>();

  use<recipe<P<LeastSamplingPolicy<C>>, critic<ValueBackup>, value<PolicyMean>, actor<LeastActor>>>();
  use<recipe<P<LeastSamplingPolicy<D>>, critic<ValueBackup>, value<PolicyMean>, actor<LeastActor>>>();
  SUCCEED("compiled");
}

TEST_CASE("every part of models compiles with the least that it asks for", "[concepts]") {
  using Imagining = tessera::data<LeastImaginingData>;
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, dynamics<LeastDynamics>, tessera::data<ModelAugmented>>>();
  use<recipe<P<LeastPolicy<D>>, actor<LeastActor>, dynamics<LeastDynamics>, tessera::data<ModelAugmented>>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, dynamics<GaussianEnsemble>, Imagining>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, dynamics<Known<Pendulum>>, Imagining>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<LeastCritic>, actor<LeastActor>, dynamics<Adversarial<GaussianEnsemble>>, Imagining>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, dynamics<LeastEnsemble>, uncertainty<SoftPenalty<MaxStd>>, Imagining>>();
  use<recipe<P<LeastPolicy<C>>, critic<LeastCritic>, actor<LeastActor>, dynamics<LeastEnsemble>, uncertainty<HaltAbove<StdOfMeans>>, Imagining>>();
  use<recipe<P<LeastSamplingPolicy<C>>, value<LeastValueOfReturns>, actor<LeastActor>, dynamics<LeastDynamics>, tessera::data<ModelPaths>>>();
  use<recipe<P<LeastFisherPolicy>, value<LeastValue>, actor<NaturalPolicyGradient>, dynamics<LeastDynamics>, tessera::data<LeastPaths>>>();
  use<recipe<P<LeastPolicy<C>>, value<PathBaseline>, actor<LeastActor>, dynamics<LeastDynamics>, tessera::data<LeastPaths>>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<LeastBackup>, actor<LeastActor>, dynamics<LeastEnsemble>, uncertainty<NextValueStd>, Imagining>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<PolicyBackup>, actor<LeastActor>, dynamics<LeastEnsemble>, uncertainty<LeastTargetPenalty>, Imagining>>();
  use<recipe<P<LeastSoftPolicy>, critic<Conservative<LeastCritic, LogSumExp, PushUp, ImaginedStates>>, actor<LeastActor>, dynamics<LeastDynamics>, Imagining>>();
  SUCCEED("compiled");
}

TEST_CASE("every part of constraints and pessimism compiles with the least that it asks for", "[concepts]") {
  using archetypes::LeastBehaviorDensity, archetypes::LeastBehaviorSampler;
  use<recipe<P<LeastSamplingPolicy<C>>, critic<BestOfPolicyBackup>, actor<LeastActor>>>();
  use<recipe<P<LeastActsByCritic>, critic<DoubleQBackup>, tessera::select<LeastSelection>>>();
  use<recipe<P<GreedyPolicy>, critic<LeastCritic>, tessera::select<Greedy>>>();
  use<recipe<P<LeastActsByCritic>, critic<SupportedDoubleQBackup>, behavior<LeastBehaviorSupport>, tessera::select<LeastSelection>>>();
  use<recipe<P<GreedyPolicy>, critic<LeastCritic>, behavior<LeastBehaviorSupport>, tessera::select<SupportedGreedy>>>();
  use<recipe<P<GreedyPolicy>, critic<LeastCritic>, behavior<CategoricalSupport>, tessera::select<LeastSelection>>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<LeastCritic>, actor<LeastActor>, tessera::select<BestOf>>>();
  use<recipe<P<LeastEnumerablePolicy>, critic<SoftBackup>, actor<LeastActorWithTemperature>>>();
  use<recipe<P<LeastPolicy<C>>, critic<ValuePenalised<LeastBackup>>, actor<LeastActor>, constraint<LeastDivergence>>>();
  use<recipe<P<LeastPolicy<C>>, critic<CloningPenalised<LeastActionBackup>>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<C>>, critic<LogBehaviorReward<LeastBackup>>, actor<LeastActorWithTemperature>, behavior<LeastBehaviorDensity<C>>>>();
  use<recipe<P<LeastPolicy<C>>, critic<Diversified<LeastCritic>>, actor<LeastActor>>>();
  use<recipe<P<LeastSoftPolicy>, critic<Conservative<LeastCritic>>, actor<LeastActor>>>();
  use<recipe<P<LeastSoftPolicy>, critic<Lagrange<Conservative<LeastCritic, Greatest, NoPushUp>>>, actor<LeastActor>>>();
  use<recipe<P<LeastSoftPolicy>, critic<Lagrange<Diversified<Conservative<LeastCritic>>>>, actor<LeastActor>>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<Conservative<LeastCritic, PolicyPrior>>, actor<LeastActor>>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<Conservative<LeastCritic, ThePolicy, NoPushUp>>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<D>>, critic<Conservative<LeastCritic>>, actor<LeastActor>>>();
  use<recipe<P<LeastEnumerablePolicy>, critic<Conservative<LeastCritic, PolicyPrior>>, actor<LeastActor>>>();
  use<recipe<P<LeastEnumerablePolicy>, critic<Conservative<LeastCritic, ThePolicy>>, actor<LeastActor>>>();
  use<recipe<P<LeastSoftPolicy>, actor<LeastActor>, constraint<ReverseKl>, behavior<LeastBehaviorDensity<C>>>>();
  use<recipe<P<LeastEnumerablePolicy>, actor<LeastActor>, constraint<ReverseKl>, behavior<LeastEnumerableBehavior>>>();
  use<recipe<P<LeastReparameterizedPolicy>, actor<LeastActor>, constraint<DualKl>>>();
  use<recipe<P<LeastReparameterizedPolicy>, actor<LeastActor>, constraint<Mmd<GaussianKernel>>, behavior<LeastBehaviorSampler>>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, constraint<Lagrange<SquaredError>>>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, behavior<Density<archetypes::LeastLogDensityPolicy<C>>>>>();
  use<recipe<P<LeastPolicy<C>>, actor<LeastActor>, behavior<Vae>>>();
  use<recipe<P<LeastPolicy<C>>, critic<LeastCritic>, value<Gumbel>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<D>>, critic<LeastCritic>, value<Sparse>, actor<LeastActor>>>();
  use<recipe<P<LeastPolicy<D>>, critic<LeastCritic>, value<Exponential>, actor<LeastActor>>>();
  use<recipe<P<LeastSamplingPolicy<C>>, critic<LeastCritic>, value<FittedPolicyMean>, actor<LeastActor>>>();
  use<recipe<P<LeastSoftPolicy>, critic<LeastCritic>, value<SoftPolicyMean>, actor<LeastActorWithTemperature>>>();
  use<recipe<P<LeastPolicy<C>>, value<ReturnRegression>, actor<LeastActor>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<C>>, value<LeastValue>, actor<BinaryWeighted>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<C>>, value<LeastValue>, actor<SparseWeighted>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<D>>, value<LeastSoftMaximumValue>, actor<BoltzmannWeighted>>>();
  use<recipe<P<archetypes::LeastLogDensityPolicy<D>>, value<LeastValue>, actor<InSampleSoftmax>, behavior<LeastBehaviorDensity<D>>>>();
  use<recipe<P<LeastSoftPolicy>, critic<LeastCritic>, actor<FixedTemperatureMaximiseQ>>>();
  use<recipe<P<LeastEnumerablePolicy>, critic<LeastCritic>, actor<FixedTemperatureMaximiseQ>>>();
  use<recipe<P<LeastReparameterizedPolicy>, critic<LeastCritic>, actor<MaximiseLeastQ>>>();
  SUCCEED("compiled");
}
