#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/actor/behavior_cloning.hpp>
#include <tessera/actor/binary_weighted.hpp>
#include <tessera/actor/boltzmann_weighted.hpp>
#include <tessera/actor/fixed_temperature_maximize_q.hpp>
#include <tessera/actor/in_sample_softmax.hpp>
#include <tessera/actor/match_flow.hpp>
#include <tessera/actor/match_noise.hpp>
#include <tessera/actor/maximize_average_q.hpp>
#include <tessera/actor/maximize_q.hpp>
#include <tessera/actor/natural_policy_gradient.hpp>
#include <tessera/actor/soft_maximize_mean_q.hpp>
#include <tessera/actor/soft_maximize_noise_q.hpp>
#include <tessera/actor/soft_maximize_q.hpp>
#include <tessera/actor/softmax_advantage_weighted.hpp>
#include <tessera/actor/sparse_weighted.hpp>
#include <tessera/behavior/categorical_support.hpp>
#include <tessera/behavior/density.hpp>
#include <tessera/behavior/generator.hpp>
#include <tessera/behavior/vae.hpp>
#include <tessera/constraint/distillation.hpp>
#include <tessera/constraint/dual_kl.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/constraint/matching_error.hpp>
#include <tessera/constraint/mmd.hpp>
#include <tessera/constraint/reverse_kl.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/critic/average_policy_backup.hpp>
#include <tessera/critic/best_of_policy_backup.hpp>
#include <tessera/critic/calibrated.hpp>
#include <tessera/critic/cloning_penalized.hpp>
#include <tessera/critic/conservative.hpp>
#include <tessera/critic/diversified.hpp>
#include <tessera/critic/double_q_backup.hpp>
#include <tessera/critic/fixed_policy_backup.hpp>
#include <tessera/critic/latent_soft_backup.hpp>
#include <tessera/critic/log_behavior_reward.hpp>
#include <tessera/critic/noise_aliased_backup.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/critic/smoothed_policy_backup.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/critic/subset_soft_backup.hpp>
#include <tessera/critic/supported_double_q_backup.hpp>
#include <tessera/critic/value_backup.hpp>
#include <tessera/critic/value_penalized.hpp>
#include <tessera/data/fixed_policy_transitions.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/data/model_rollouts.hpp>
#include <tessera/data/offline.hpp>
#include <tessera/data/offline_and_online.hpp>
#include <tessera/data/top_episodes.hpp>
#include <tessera/dynamics/adversarial.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/diffusion.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/greedy_policy.hpp>
#include <tessera/policy/latent.hpp>
#include <tessera/policy/one_step.hpp>
#include <tessera/policy/scaled_tanh_gaussian.hpp>
#include <tessera/policy/sigmoid_std_gaussian.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/schedule/all_together.hpp>
#include <tessera/schedule/noise_critic_last.hpp>
#include <tessera/schedule/schedule.hpp>
#include <tessera/select/best_of.hpp>
#include <tessera/select/best_of_target.hpp>
#include <tessera/select/expectile_weighted_of.hpp>
#include <tessera/select/greedy.hpp>
#include <tessera/select/mode.hpp>
#include <tessera/select/no_selection.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/select/softmax_of.hpp>
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
static_assert(SoftPolicy<SigmoidStdGaussianPolicy> && UnboundedPolicy<SigmoidStdGaussianPolicy> &&
              !FisherPolicy<SigmoidStdGaussianPolicy>);
static_assert(!UnboundedPolicy<GaussianPolicy> && !UnboundedPolicy<TanhGaussianPolicy>,
              "a sample is clipped, or squashed");
static_assert(SquashedPolicy<TanhGaussianPolicy> && !SquashedPolicy<GaussianPolicy> &&
              !SquashedPolicy<SigmoidStdGaussianPolicy>);
static_assert(ReparameterizedPolicy<DeterministicPolicy>);
static_assert(!LogDensityPolicy<DeterministicPolicy> && !SoftPolicy<DeterministicPolicy>);
static_assert(EnumerablePolicy<CategoricalPolicy> && SamplingPolicy<CategoricalPolicy>);
static_assert(!ReparameterizedPolicy<CategoricalPolicy>, "an index has no gradient");
static_assert(!EnumerablePolicy<GaussianPolicy>, "a continuum has no list of actions");
// Generative ones sample; what their samples are a function of, and what their gradient costs, is in the type.
static_assert(SamplingPolicy<FlowPolicy> && SamplingPolicy<DiffusionPolicy> && SamplingPolicy<OneStepPolicy> &&
              SamplingPolicy<LatentPolicy>);
static_assert(!LogDensityPolicy<FlowPolicy> && !LogDensityPolicy<DiffusionPolicy> && !LogDensityPolicy<OneStepPolicy>);
static_assert(!ReparameterizedPolicy<FlowPolicy> && !ReparameterizedPolicy<DdimPolicy> &&
              ReparameterizedPolicy<BackpropThroughSteps<FlowPolicy>> &&
              ReparameterizedPolicy<BackpropThroughSteps<DiffusionPolicy>> && ReparameterizedPolicy<OneStepPolicy>);
static_assert(LatentConditioned<FlowPolicy> && LatentConditioned<DdimPolicy> && LatentConditioned<OneStepPolicy> &&
              !LatentConditioned<DiffusionPolicy> && !LatentConditioned<GaussianPolicy>);
static_assert(FlowsToAction<FlowPolicy> && !FlowsToAction<DiffusionPolicy> && Denoises<DiffusionPolicy> &&
              Denoises<DdimPolicy> && !Denoises<FlowPolicy>);
static_assert(ActsInNoise<LatentPolicy> && !ActsInNoise<FlowPolicy> && !ActsInNoise<TanhGaussianPolicy>);
static_assert(FisherPolicy<GaussianPolicy> && FisherPolicy<StateDependentGaussianPolicy> &&
              FisherPolicy<CategoricalPolicy>);
static_assert(!FisherPolicy<DeterministicPolicy> && !FisherPolicy<TanhGaussianPolicy>);

// Critics.  Three read a target policy, TD3's, BEAR's and CRR's.
static_assert(CriticUpdate<PolicyBackup> && CriticUpdate<PolicyBackup> && CriticUpdate<SmoothedPolicyBackup>);
static_assert(CriticUpdate<SoftBackup> && CriticUpdate<ValueBackup> && CriticUpdate<ValueBackup>);
static_assert(UsesTargetPolicy<SmoothedPolicyBackup> && UsesTargetPolicy<TargetPolicyBackup> &&
              ActionBackup<TargetPolicyBackup>);
static_assert(UsesTargetPolicy<BestOfPolicyBackup>);
static_assert(!UsesTargetPolicy<PolicyBackup> && !UsesTargetPolicy<SoftBackup> && !UsesTargetPolicy<ValueBackup>);
static_assert(!ValueEstimate<ValueBackup>, "it reads a value, it is none");
static_assert(OneStepBackup<SoftBackup> && OneStepBackup<SoftBackup> && OneStepBackup<DoubleQBackup> &&
              OneStepBackup<BestOfPolicyBackup>);
static_assert(ActionBackup<PolicyBackup> && ActionBackup<SmoothedPolicyBackup> && !ActionBackup<SoftBackup> &&
              !ActionBackup<ValueBackup>);
static_assert(InSample<ValueBackup> && !InSample<PolicyBackup>);
// Wrapped, a critic update is one still, and keeps what it was.
static_assert(CriticUpdate<Conservative<SoftBackup>> && CriticUpdate<Lagrange<Conservative<SoftBackup>>> &&
              CriticUpdate<Diversified<SoftBackup>>);
static_assert(OneStepBackup<ValuePenalized<SoftBackup>> && OneStepBackup<LogBehaviorReward<SoftBackup>>);
static_assert(ActionBackup<CloningPenalized<PolicyBackup>> && UsesTargetPolicy<Conservative<SmoothedPolicyBackup>> &&
              InSample<Conservative<ValueBackup>>);
static_assert(RunsIn<Lagrange<Conservative<SoftBackup>>, stage::duals> &&
              !RunsIn<Conservative<SoftBackup>, stage::duals>);

// Values.  A mean over the policy has nothing to fit.
static_assert(FittedValue<Expectile> && FittedValue<Quantile>);
static_assert(ValueEstimate<PolicyMean> && !FittedValue<PolicyMean>);
static_assert(FittedValue<Gumbel> && FittedValue<Sparse> && FittedValue<FittedPolicyMean> &&
              FittedValue<SoftPolicyMean>);
static_assert(FittedValue<Exponential> && SoftMaximumValue<Exponential> && SoftMaximumValue<Gumbel>);
static_assert(!SoftMaximumValue<Expectile> && !SoftMaximumValue<Sparse> && !SoftMaximumValue<PolicyMean>,
              "no temperature");
static_assert(Refills<ReturnRegression> && UsesTargetValue<ReturnRegression> && !UsesTargetValue<Expectile>);
// A baseline's returns come with the paths: it has no copy of its own, nor a schedule for one.
static_assert(RegressesToReturns<RolloutBaseline> && !Refills<RolloutBaseline> && !RegressesToReturns<Expectile>);

// Actors.
static_assert(ActorObjective<BehaviorCloning> && ActorObjective<AdvantageWeighted> && ActorObjective<MaximizeQ>);
static_assert(EntropyRegularized<SoftMaximizeQ> && RunsIn<SoftMaximizeQ, stage::duals>);
static_assert(MovesIn<NaturalPolicyGradient, stage::actor> && RunsIn<NaturalPolicyGradient, stage::start> &&
              !MovesIn<AdvantageWeighted, stage::actor>);
static_assert(!EntropyRegularized<MaximizeQ> && !RunsIn<AdvantageWeighted, stage::duals> &&
              !RunsIn<SoftmaxAdvantageWeighted, stage::duals>);

static_assert(ActorObjective<BoltzmannWeighted> && !EntropyRegularized<BoltzmannWeighted>,
              "the temperature is the value's");
static_assert(ActorObjective<BinaryWeighted> && ActorObjective<SparseWeighted> && ActorObjective<MaximizeMinQ>);
static_assert(EntropyRegularized<FixedTemperatureMaximizeQ> && EntropyRegularized<InSampleSoftmax> &&
              !RunsIn<InSampleSoftmax, stage::duals>);

// Models of the behavior.  An auto-encoder samples and has no density; a density of indices is a list.
static_assert(BehaviorDensity<Density<TanhGaussianPolicy>> && BehaviorSampler<Density<TanhGaussianPolicy>>);
static_assert(BehaviorDensity<Density<SigmoidStdGaussianPolicy>> && BehaviorSampler<Density<SigmoidStdGaussianPolicy>>);
static_assert(EnumerableBehavior<Density<CategoricalPolicy>> && !BehaviorSampler<Density<CategoricalPolicy>>);
static_assert(BehaviorSampler<Vae> && !BehaviorDensity<Vae> && !Policy<Vae>);
static_assert(EnumerableBehavior<CategoricalSupport> && BehaviorSupport<CategoricalSupport> &&
              !BehaviorSupport<Density<CategoricalPolicy>>);

// Constraints are no actors: they do not say what is good.
static_assert(BehaviorConstraint<ForwardKl> && BehaviorConstraint<SquaredError>);
static_assert(StateDivergence<ForwardKl> && StateDivergence<SquaredError> && StateDivergence<SummedSquaredError> &&
              StateDivergence<ReverseKl>);
static_assert(StateDivergence<DualKl> && RunsIn<DualKl, stage::constraint> && StateDivergence<Mmd<LaplacianKernel>> &&
              StateDivergence<Lagrange<ReverseKl>> && RunsIn<Lagrange<DualKl>, stage::constraint>);
static_assert(!ActorObjective<ForwardKl> && !BehaviorConstraint<BehaviorCloning>);

// Dynamics.  One model alone is no ensemble; an adversary learns on; uncertainty is penalized for in transitions or in
// targets.
static_assert(EnsembleDynamics<GaussianEnsemble> && EnsembleDynamics<Adversarial<GaussianEnsemble>> &&
              !RunsIn<GaussianEnsemble, stage::dynamics> && RunsIn<Adversarial<GaussianEnsemble>, stage::dynamics>);
static_assert(DynamicsModel<TrueDynamics<Pendulum>> && !EnsembleDynamics<TrueDynamics<Pendulum>>);
static_assert(PenalizesTransitions<SoftPenalty<MaxStd>> && PenalizesTransitions<HaltAbove<EnsembleStd>> &&
              !PenalizesTargets<SoftPenalty<MaxStd>>);
static_assert(PenalizesTargets<NextValueStd> && !PenalizesTransitions<NextValueStd>);
static_assert(CalibratedPenalty<HaltAbove<Disagreement>> && !CalibratedPenalty<SoftPenalty<Disagreement>>);
static_assert(ImaginesTransitions<ModelAugmented> && !ImaginesTransitions<Offline> &&
              !ImaginesTransitions<TopEpisodes>);
static_assert(FollowsPolicy<ModelRollouts> && !FollowsPolicy<ModelAugmented>);
static_assert(TrainsOnline<OfflineAndOnline> && !TrainsOnline<ModelAugmented> && !TrainsOnline<TopEpisodes>);

static_assert(OneStepBackup<SupportedDoubleQBackup> && !ActionBackup<SupportedDoubleQBackup> &&
              ActionSelection<SupportedGreedy>);
static_assert(ActionSelection<Mode> && ActionSelection<Sample> && ActionSelection<Greedy> && ActionSelection<BestOf>);
static_assert(ActionSelection<BestOfTarget> && ActionSelection<SoftmaxOf> && ActionSelection<ExpectileWeightedOf>);
static_assert(EntropyRegularized<SoftMaximizeMeanQ> && !EntropyRegularized<MaximizeAverageQ>);
static_assert(ActionBackup<AveragePolicyBackup> && OneStepBackup<SubsetSoftBackup> && !ActionBackup<SubsetSoftBackup> &&
              AddsPenalty<Calibrated<SoftBackup>> && Refills<Calibrated<SoftBackup>>);
static_assert(Policy<GreedyPolicy> && !TrainedPolicy<GreedyPolicy> && !LogDensityPolicy<GreedyPolicy>);
static_assert(FixedPolicy<FixedActions> && FixedPolicy<FixedProbabilities> && !FixedPolicy<GreedyPolicy> &&
              Policy<FixedActions> && OneStepBackup<FixedPolicyBackup> && !ActionBackup<FixedPolicyBackup> &&
              DataSource<FixedPolicyTransitions> && ActionSelection<NoSelection>);
static_assert(DataSource<Offline> && DataSource<TopEpisodes> && UpdateSchedule<CriticFirst> &&
              UpdateSchedule<AllTogether> && UpdateSchedule<ValueFirst> && UpdateSchedule<ActorFirst> &&
              UpdateSchedule<BehaviorLast>);

namespace {
using namespace archetypes;
template <class C>
using P = tessera::policy<C>;
using C = Continuous;
using D = Discrete;
}  // namespace

TEST_CASE("every part compiles with the least that it asks for", "[concepts]") {
  use<recipe<P<archetypes::MinimalLogDensityPolicy<C>>, actor<BehaviorCloning>>>();
  use<recipe<P<archetypes::MinimalLogDensityPolicy<D>>, actor<BehaviorCloning>>>();
  use<recipe<P<archetypes::MinimalLogDensityPolicy<C>>, value<MinimalValue>, actor<AdvantageWeighted>>>();
  use<recipe<P<archetypes::MinimalLogDensityPolicy<D>>, value<MinimalValue>, actor<SoftmaxAdvantageWeighted>>>();
  use<recipe<P<MinimalReparameterizedPolicy>, critic<MinimalCritic>, actor<MaximizeQ>>>();
  using archetypes::MinimalGenerativePolicy, archetypes::MinimalGenerator;
  using Flow = MinimalGenerativePolicy<archetypes::flow_at_states>;
  using Denoiser = MinimalGenerativePolicy<archetypes::denoiser_at_states>;
  using OneStepped = MinimalGenerativePolicy<archetypes::one_step_at_states>;
  static_assert(FlowsToAction<Flow> && !LatentConditioned<Flow> && Denoises<Denoiser> && OneStepGenerator<OneStepped> &&
                GenerativeBehavior<MinimalGenerator>);
  using S = tessera::select<Sample>;
  using InNoise = MinimalGenerativePolicy<archetypes::in_noise_at_states>;
  static_assert(ActsInNoise<InNoise> && !LatentConditioned<InNoise> && ReversibleBehavior<MinimalReversible> &&
                ValuesNoise<MinimalCriticOfNoise> && !ValuesNoise<MinimalCritic>);
  use<recipe<P<Flow>, actor<MatchFlow>, S>>();
  use<recipe<P<Flow>, value<MinimalValue>, actor<AdvantageWeightedFlow>, S>>();
  use<recipe<P<Denoiser>, actor<MatchNoise>, S>>();
  use<recipe<P<Denoiser>, value<MinimalValue>, actor<AdvantageWeightedNoise>, S>>();
  use<recipe<P<Flow>, actor<MinimalActor>, constraint<MatchingError>, S>>();
  use<recipe<P<OneStepped>, behavior<MinimalGenerator>, actor<MinimalActor>, constraint<Distillation>, S>>();
  use<recipe<P<MinimalPolicy<C>>, behavior<Generator<FlowPolicy>>, actor<MinimalActor>>>();
  use<recipe<P<LatentPolicy>, behavior<MinimalGenerator>, actor<MinimalActor>, S>>();
  use<recipe<P<InNoise>, critic<MinimalCriticOfNoise>, actor<SoftMaximizeNoiseQ>, S>>();
  use<recipe<P<InNoise>, behavior<MinimalReversible>, critic<LatentSoftBackup>, actor<MinimalActorWithTemperature>,
             S>>();
  use<recipe<P<InNoise>, behavior<MinimalGenerator>, critic<NoiseAliasedBackup>, actor<MinimalActorWithTemperature>, S,
             schedule<NoiseCriticLast>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<MinimalCritic>, actor<SoftMaximizeQ>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<MinimalCritic>, actor<SoftMaximizeMeanQ>>>();
  use<recipe<P<MinimalReparameterizedPolicy>, critic<MinimalCritic>, actor<MaximizeAverageQ>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<AveragePolicyBackup>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<SubsetSoftBackup>, actor<MinimalActorWithTemperature>>>();
  use<recipe<P<ScaledTanhGaussianPolicy>, critic<MinimalCritic>, actor<SoftMaximizeQ>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<PolicyBackup>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<TargetPolicyBackup>, actor<MinimalActor>>>();
  use<recipe<P<MinimalEnumerablePolicy>, critic<PolicyBackup>, actor<MinimalActor>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<SmoothedPolicyBackup>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<SoftBackup>, actor<MinimalActorWithTemperature>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<ValueBackup>, value<MinimalValue>, actor<MinimalActor>>>();
  use<recipe<P<MinimalPolicy<D>>, critic<ValueBackup>, value<MinimalValue>, actor<MinimalActor>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<MinimalCritic>, value<Expectile>, actor<MinimalActor>>>();
  use<recipe<P<MinimalPolicy<D>>, critic<MinimalCritic>, value<Quantile>, actor<MinimalActor>>>();
  use<recipe<P<archetypes::MinimalLogDensityPolicy<C>>, critic<MinimalCritic>, value<Expectile>,
             actor<AdvantageWeighted>>>();
  use<recipe<P<archetypes::MinimalLogDensityPolicy<C>>, actor<MinimalActor>, constraint<ForwardKl>>>();
  use<recipe<P<MinimalPolicy<C>>, actor<MinimalActor>, constraint<SquaredError>>>();
  use<recipe<P<MinimalPolicy<C>>, actor<MinimalActor>, tessera::select<Mode>>>();
  use<recipe<P<MinimalSamplingPolicy<D>>, actor<MinimalActor>, tessera::select<Sample>>>();
  use<recipe<P<MinimalPolicy<D>>, critic<MinimalCritic>, actor<MinimalActor>, tessera::select<Greedy>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<MinimalCritic>, value<MinimalFittedValue>, actor<MinimalActorWithDuals>,
             constraint<MinimalConstraint>, tessera::data<MinimalDataSource>, tessera::select<MinimalSelection>,
             schedule<MinimalSchedule>, defaults<MinimalDefaults>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<MinimalCritic>, actor<MinimalActor>, tessera::data<OfflineAndOnline>,
             schedule<AllTogether>>>();

  use<recipe<P<MinimalSamplingPolicy<C>>, critic<ValueBackup>, value<PolicyMean>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSamplingPolicy<D>>, critic<ValueBackup>, value<PolicyMean>, actor<MinimalActor>>>();
  SUCCEED("compiled");
}

TEST_CASE("every part of models compiles with the least that it asks for", "[concepts]") {
  using Imagining = tessera::data<MinimalImaginingData>;
  use<recipe<P<MinimalPolicy<C>>, actor<MinimalActor>, dynamics<MinimalDynamics>, tessera::data<ModelAugmented>>>();
  use<recipe<P<MinimalPolicy<D>>, actor<MinimalActor>, dynamics<MinimalDynamics>, tessera::data<ModelAugmented>>>();
  use<recipe<P<MinimalPolicy<C>>, actor<MinimalActor>, dynamics<GaussianEnsemble>, Imagining>>();
  use<recipe<P<MinimalPolicy<C>>, actor<MinimalActor>, dynamics<TrueDynamics<Pendulum>>, Imagining>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<MinimalCritic>, actor<MinimalActor>,
             dynamics<Adversarial<GaussianEnsemble>>, Imagining>>();
  use<recipe<P<MinimalPolicy<C>>, actor<MinimalActor>, dynamics<MinimalEnsemble>, uncertainty<SoftPenalty<MaxStd>>,
             Imagining>>();
  use<recipe<P<MinimalPolicy<C>>, critic<MinimalCritic>, actor<MinimalActor>, dynamics<MinimalEnsemble>,
             uncertainty<HaltAbove<EnsembleStd>>, Imagining>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, value<MinimalValueOfReturns>, actor<MinimalActor>, dynamics<MinimalDynamics>,
             tessera::data<ModelRollouts>>>();
  use<recipe<P<MinimalFisherPolicy>, value<MinimalValue>, actor<NaturalPolicyGradient>, dynamics<MinimalDynamics>,
             tessera::data<MinimalPaths>>>();
  use<recipe<P<MinimalPolicy<C>>, value<RolloutBaseline>, actor<MinimalActor>, dynamics<MinimalDynamics>,
             tessera::data<MinimalPaths>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<MinimalBackup>, actor<MinimalActor>, dynamics<MinimalEnsemble>,
             uncertainty<NextValueStd>, Imagining>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<PolicyBackup>, actor<MinimalActor>, dynamics<MinimalEnsemble>,
             uncertainty<MinimalTargetPenalty>, Imagining>>();
  use<recipe<P<MinimalSoftPolicy>, critic<Conservative<MinimalCritic, LogSumExp, PushUp, ImaginedStates>>,
             actor<MinimalActor>, dynamics<MinimalDynamics>, Imagining>>();
  SUCCEED("compiled");
}

TEST_CASE("every part of constraints and pessimism compiles with the least that it asks for", "[concepts]") {
  using archetypes::MinimalBehaviorDensity, archetypes::MinimalBehaviorSampler;
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<BestOfPolicyBackup>, actor<MinimalActor>>>();
  use<recipe<P<MinimalActsByCritic>, critic<DoubleQBackup>, tessera::select<MinimalSelection>>>();
  use<recipe<P<GreedyPolicy>, critic<MinimalCritic>, tessera::select<Greedy>>>();
  use<recipe<P<FixedActions>, critic<FixedPolicyBackup>, tessera::data<FixedPolicyTransitions>,
             tessera::select<NoSelection>>,
      false>();
  use<recipe<P<FixedProbabilities>, critic<FixedPolicyBackup>, tessera::data<FixedPolicyTransitions>,
             tessera::select<NoSelection>>,
      false>();
  use<recipe<P<MinimalActsByCritic>, critic<SupportedDoubleQBackup>, behavior<MinimalBehaviorSupport>,
             tessera::select<MinimalSelection>>>();
  use<recipe<P<GreedyPolicy>, critic<MinimalCritic>, behavior<MinimalBehaviorSupport>,
             tessera::select<SupportedGreedy>>>();
  use<recipe<P<GreedyPolicy>, critic<MinimalCritic>, behavior<CategoricalSupport>,
             tessera::select<MinimalSelection>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<MinimalCritic>, actor<MinimalActor>, tessera::select<BestOf>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<MinimalCritic>, actor<MinimalActor>, tessera::select<BestOfTarget>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<MinimalCritic>, actor<MinimalActor>, tessera::select<SoftmaxOf>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<MinimalCritic>, value<MinimalValue>, actor<MinimalActor>,
             tessera::select<ExpectileWeightedOf>>>();
  use<recipe<P<MinimalEnumerablePolicy>, critic<SoftBackup>, actor<MinimalActorWithTemperature>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<ValuePenalized<MinimalBackup>>, actor<MinimalActor>,
             constraint<MinimalDivergence>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<CloningPenalized<MinimalActionBackup>>, actor<MinimalActor>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<LogBehaviorReward<MinimalBackup>>, actor<MinimalActorWithTemperature>,
             behavior<MinimalBehaviorDensity<C>>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<Diversified<MinimalCritic>>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<Conservative<MinimalCritic>>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<Calibrated<MinimalCritic>>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<Lagrange<Conservative<MinimalCritic, MaxAction, NoPushUp>>>,
             actor<MinimalActor>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<Lagrange<Diversified<Conservative<MinimalCritic>>>>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<Conservative<MinimalCritic, PolicyPrior>>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<Conservative<MinimalCritic, CurrentPolicy, NoPushUp>>,
             actor<MinimalActor>>>();
  use<recipe<P<MinimalPolicy<D>>, critic<Conservative<MinimalCritic>>, actor<MinimalActor>>>();
  use<recipe<P<MinimalEnumerablePolicy>, critic<Conservative<MinimalCritic, PolicyPrior>>, actor<MinimalActor>>>();
  use<recipe<P<MinimalEnumerablePolicy>, critic<Conservative<MinimalCritic, CurrentPolicy>>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSoftPolicy>, actor<MinimalActor>, constraint<ReverseKl>, behavior<MinimalBehaviorDensity<C>>>>();
  use<recipe<P<MinimalEnumerablePolicy>, actor<MinimalActor>, constraint<ReverseKl>,
             behavior<MinimalEnumerableBehavior>>>();
  use<recipe<P<MinimalReparameterizedPolicy>, actor<MinimalActor>, constraint<DualKl>>>();
  use<recipe<P<MinimalReparameterizedPolicy>, actor<MinimalActor>, constraint<Mmd<GaussianKernel>>,
             behavior<MinimalBehaviorSampler>>>();
  use<recipe<P<MinimalPolicy<C>>, actor<MinimalActor>, constraint<Lagrange<SquaredError>>>>();
  use<recipe<P<MinimalPolicy<C>>, actor<MinimalActor>, behavior<Density<archetypes::MinimalLogDensityPolicy<C>>>>>();
  use<recipe<P<MinimalPolicy<C>>, actor<MinimalActor>, behavior<Vae>>>();
  use<recipe<P<MinimalPolicy<C>>, critic<MinimalCritic>, value<Gumbel>, actor<MinimalActor>>>();
  use<recipe<P<MinimalPolicy<D>>, critic<MinimalCritic>, value<Sparse>, actor<MinimalActor>>>();
  use<recipe<P<MinimalPolicy<D>>, critic<MinimalCritic>, value<Exponential>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSamplingPolicy<C>>, critic<MinimalCritic>, value<FittedPolicyMean>, actor<MinimalActor>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<MinimalCritic>, value<SoftPolicyMean>, actor<MinimalActorWithTemperature>>>();
  use<recipe<P<MinimalPolicy<C>>, value<ReturnRegression>, actor<MinimalActor>>>();
  use<recipe<P<archetypes::MinimalLogDensityPolicy<C>>, value<MinimalValue>, actor<BinaryWeighted>>>();
  use<recipe<P<archetypes::MinimalLogDensityPolicy<C>>, value<MinimalValue>, actor<SparseWeighted>>>();
  use<recipe<P<archetypes::MinimalLogDensityPolicy<D>>, value<MinimalSoftMaximumValue>, actor<BoltzmannWeighted>>>();
  use<recipe<P<archetypes::MinimalLogDensityPolicy<D>>, value<MinimalValue>, actor<InSampleSoftmax>,
             behavior<MinimalBehaviorDensity<D>>>>();
  use<recipe<P<MinimalSoftPolicy>, critic<MinimalCritic>, actor<FixedTemperatureMaximizeQ>>>();
  use<recipe<P<MinimalEnumerablePolicy>, critic<MinimalCritic>, actor<FixedTemperatureMaximizeQ>>>();
  use<recipe<P<MinimalReparameterizedPolicy>, critic<MinimalCritic>, actor<MaximizeMinQ>>>();
  SUCCEED("compiled");
}
