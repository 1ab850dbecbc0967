#include <tessera/algorithms.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>

#include <catch2/catch.hpp>

// Pairs of parts that are sound each, and meaningless together.  Each line has a legal neighbor, so that what is
// refused is the pair.

using namespace tessera;

namespace {
template <class R, class... Edits>
inline constexpr bool legal = Composable<typename R::template with<Edits...>>;
using recipes::AcBc;
using recipes::Awac;
using recipes::Bear;
using recipes::BracP;
using recipes::BracV;
using recipes::Cql;
using recipes::Crr;
using recipes::DiscreteCql;
using recipes::Edac;
using recipes::InAc;
using recipes::Iql;
using recipes::ReBrac;
using recipes::RewardKl;
using recipes::Sac;
using recipes::SacN;

// Weighted imitation needs the density of a given action.
static_assert(legal<Iql, policy<TanhGaussianPolicy>> && !legal<Iql, policy<DeterministicPolicy>>);
static_assert(!legal<Awac, policy<DeterministicPolicy>> && !legal<Crr, policy<DeterministicPolicy>>);
static_assert(!legal<recipes::Awr, policy<DeterministicPolicy>> && !legal<recipes::Sql, policy<DeterministicPolicy>>);

// Reverse KL and the KL reward need the behavior's density: not a sampler's, whose density is intractable.
static_assert(legal<BracP> && !legal<BracP, behavior<Vae>> && !legal<RewardKl, behavior<Vae>> &&
              !legal<InAc, behavior<Vae>>);
// What needs samples alone takes either.
static_assert(legal<Bear> && legal<Bear, behavior<Density<TanhGaussianPolicy>>>);
// The dual form needs no model.
static_assert(legal<recipes::BracVDual>);
// Nor does a divergence that no model was given for.
static_assert(!Composable<recipe<policy<TanhGaussianPolicy>, critic<PolicyBackup>, actor<FixedTemperatureMaximizeQ>,
                                 constraint<ReverseKl>>>);

// A deterministic policy has no entropy, no KL, no importance weights.
static_assert(!legal<Sac, policy<DeterministicPolicy>> && !legal<BracP, policy<DeterministicPolicy>>);
static_assert(!legal<Cql, policy<DeterministicPolicy>>);
using Td3Conservative = recipes::Td3::with<critic<Conservative<SmoothedPolicyBackup>>>;
static_assert(!Composable<Td3Conservative>, "importance weights of a delta function");
static_assert(Composable<Td3Conservative::with<critic<Conservative<SmoothedPolicyBackup, CurrentPolicy>>>>,
              "values without weights");

// A support is of a model that says what it is.
static_assert(legal<recipes::DiscreteBcq, tessera::select<Greedy>> &&
              legal<recipes::DiscreteBcq, critic<DoubleQBackup>>);
static_assert(!legal<recipes::DiscreteBcq, behavior<Density<CategoricalPolicy>>> &&
              !legal<DiscreteCql, tessera::select<SupportedGreedy>>);

// Discrete actions have no gradient: neither smoothing, nor slopes, nor a pathwise actor; and continuous ones no list.
static_assert(!legal<recipes::Td3, policy<CategoricalPolicy>> && !legal<ReBrac, policy<CategoricalPolicy>>);
static_assert(
    legal<Edac> &&
    !Composable<recipe<policy<CategoricalPolicy>, critic<Diversified<PolicyBackup>>, actor<BehaviorCloning>>>);
static_assert(!legal<AcBc, policy<CategoricalPolicy>, critic<PolicyBackup>>);
static_assert(!legal<DiscreteCql, tessera::select<Mode>>, "a greedy policy has no distribution, and so no mode");
static_assert(!legal<DiscreteCql, policy<TanhGaussianPolicy>> && !legal<Sac, tessera::select<Greedy>>);
static_assert(!legal<Awac, critic<DoubleQBackup>>, "spaces must agree");
static_assert(!legal<Bear, policy<CategoricalPolicy>, behavior<Density<CategoricalPolicy>>>);
static_assert(!legal<BracP, behavior<Density<CategoricalPolicy>>>, "a model of other actions");

// A target of in-sample values has no action of the policy's in it: no penalty on one, and no maximum over some.
static_assert(legal<BracV> && !legal<Iql, critic<ValuePenalized<ValueBackup>>, constraint<ForwardKl>>);
static_assert(legal<Iql, constraint<ForwardKl>>, "in the actor it has a meaning");
static_assert(legal<Iql, critic<Conservative<ValueBackup, CurrentPolicy>>>,
              "Q is defined at every action, also where its target is in-sample");
static_assert(legal<ReBrac, critic<CloningPenalized<PolicyBackup>>> &&
              !legal<Iql, critic<CloningPenalized<ValueBackup>>>);
static_assert(!legal<Sac, critic<CloningPenalized<SoftBackup>>>, "its target has an entropy beside the one action");
static_assert(!legal<BracV, critic<CloningPenalized<ValuePenalized<PolicyBackup>>>>,
              "what a divergence was taken off is no value of one action");

// Where an action is a chunk, all that acts, values and imitates is of chunks; and elsewhere none is.
using Chunks = recipes::QcFql;
static_assert(legal<Chunks> && legal<Chunks, critic<ChunkBackup<PolicyBackup>>>);
static_assert(!legal<Chunks, tessera::data<Offline>> && !legal<Chunks, tessera::data<ActionChunks>>);
static_assert(!legal<Chunks, policy<OneStepPolicy>> && !legal<Chunks, critic<AveragePolicyBackup>>);
static_assert(!legal<Chunks, behavior<Generator<FlowPolicy>>>, "zeros behind an end would be imitated");
static_assert(!legal<Chunks, policy<Chunked<TanhGaussianPolicy>>, actor<BehaviorCloning>, constraint<void>>);
static_assert(!legal<Chunks, critic<ChunkBackup<Conservative<AveragePolicyBackup, CurrentPolicy>>>> &&
                  !legal<Chunks, critic<Conservative<ChunkBackup<AveragePolicyBackup>, CurrentPolicy>>>,
              "its push up is at logged chunks, also at those that are cut");
static_assert(!legal<recipes::Fql, tessera::data<ChunkTransitions>> &&
              !legal<recipes::Fql, critic<ChunkBackup<AveragePolicyBackup>>> &&
              !legal<recipes::Fql, behavior<Generator<Chunked<FlowPolicy>>>>);
static_assert(legal<recipes::FlowBc, policy<Chunked<FlowPolicy>>, tessera::data<ChunkTransitions>> &&
              !legal<recipes::DiffusionBc, policy<Chunked<DiffusionPolicy>>, tessera::data<ChunkTransitions>>);
static_assert(!legal<recipes::Ifql, policy<Chunked<FlowPolicy>>, critic<ChunkBackup<ValueBackup>>,
                     tessera::data<ChunkTransitions>>,
              "its V is fitted at every chunk");
static_assert(!legal<Iql, tessera::data<ActionChunks>>, "nobody reads what it makes");

// A value is no critic: nothing says what it thinks of other actions.
static_assert(!legal<Iql, critic<Conservative<Expectile>>> && !legal<Iql, critic<Diversified<Expectile>>>);
static_assert(!legal<recipes::Awr, actor<MaximizeQ>>, "returns are no critic");

// The weight of the KL reward is the temperature: it may not drift.
static_assert(legal<RewardKl> && !legal<RewardKl, actor<SoftMaximizeQ>>);
// A value penalty is the constraint's: without one there is nothing to charge.
static_assert(!Composable<recipe<policy<TanhGaussianPolicy>, critic<ValuePenalized<PolicyBackup>>,
                                 actor<FixedTemperatureMaximizeQ>>>);
// Any divergence can be charged in the backup, and held by a multiplier.
static_assert(legal<BracV, constraint<ForwardKl>> && legal<BracV, constraint<SquaredError>> &&
              legal<BracV, constraint<Lagrange<ReverseKl>>>);
static_assert(legal<BracV, constraint<Mmd<GaussianKernel>>> && legal<BracV, constraint<Lagrange<DualKl>>>);
static_assert(legal<ReBrac, critic<ValuePenalized<SmoothedPolicyBackup>>> &&
              legal<ReBrac, critic<Conservative<SmoothedPolicyBackup, CurrentPolicy>>>);
// Uncertainty about a model needs one, and one with members that can disagree; a model needs a use.
using recipes::Mopo, recipes::Combo;
static_assert(legal<Mopo> && !legal<Sac, uncertainty<SoftPenalty<MaxStd>>> &&
              !legal<Sac, uncertainty<NextValueStd>, tessera::data<ModelAugmented>>);
static_assert(!legal<Mopo, dynamics<TrueDynamics<Pendulum>>> && legal<Combo, dynamics<TrueDynamics<Pendulum>>>);
static_assert(!legal<Sac, dynamics<GaussianEnsemble>> && !legal<Sac, tessera::data<ModelAugmented>> &&
              !legal<Mopo, tessera::data<Offline>>);
static_assert(!legal<Combo, dynamics<TrueDynamics<CartPole>>>, "the model of another action space");
// What is fitted to logged actions may not meet the policy's own.
static_assert(legal<recipes::Awr> && !legal<recipes::Awr, dynamics<GaussianEnsemble>, tessera::data<ModelAugmented>>,
              "its returns are the log's");
static_assert(!legal<Mopo, constraint<SquaredError>> && !legal<Mopo, constraint<ForwardKl>> &&
              !legal<Mopo, actor<BehaviorCloning>>);
static_assert(
    !legal<Mopo, actor<FixedTemperatureMaximizeQ>, constraint<ReverseKl>, behavior<Density<TanhGaussianPolicy>>>);
// COMBO penalizes any critic of actions, and no value; with imagined states there must be a source of some.
static_assert(legal<Combo, critic<Conservative<SoftBackup, LogSumExp, PushUp, ImaginedStates>>> &&
              !legal<Combo, critic<Conservative<Expectile>>>);
static_assert(legal<Cql> && !legal<Cql, critic<Conservative<SoftBackup, LogSumExp, PushUp, ImaginedStates>>>);
// The uncertainty of the next value asks what the policy would do there: an in-sample target does not.
static_assert(legal<recipes::Mobile> && !legal<recipes::Mobile, critic<ValueBackup>, value<Expectile>>);
// MOPO and COMBO are two slots apart, and may be had at once.
static_assert(std::is_same_v<Mopo::get<policy>, Combo::get<policy>> &&
              std::is_same_v<Mopo::get<actor>, Combo::get<actor>> &&
              std::is_same_v<Mopo::get<dynamics>, Combo::get<dynamics>> &&
              std::is_same_v<Mopo::get<tessera::data>, Combo::get<tessera::data>>);
static_assert(!std::is_same_v<Mopo::get<critic>, Combo::get<critic>> && std::is_void_v<Combo::get<uncertainty>>);
static_assert(legal<Combo, uncertainty<SoftPenalty<MaxStd>>> && legal<Mopo, critic<Conservative<SoftBackup>>>);

// The natural gradient is an expectation over the policy's own actions, and needs their information; so is a baseline's
// return.
using recipes::MorelNpg;
static_assert(legal<MorelNpg> && !legal<MorelNpg, tessera::data<Offline>> &&
              !legal<MorelNpg, tessera::data<ModelAugmented>>);
static_assert(!legal<recipes::Awr, actor<NaturalPolicyGradient>> && !legal<recipes::Awr, value<RolloutBaseline>>);
static_assert(legal<MorelNpg, policy<StateDependentGaussianPolicy>> && legal<MorelNpg, policy<CategoricalPolicy>>);
static_assert(!legal<MorelNpg, policy<DeterministicPolicy>> && !legal<MorelNpg, policy<TanhGaussianPolicy>>);
// Paths are given returns by a value that regresses to them; which, and what else is done with them, is open.
static_assert(legal<MorelNpg, value<ReturnRegression>> && !legal<MorelNpg, value<PolicyMean>>);
static_assert(legal<MorelNpg, actor<AdvantageWeighted>> && !legal<MorelNpg, actor<BehaviorCloning>> &&
              !legal<MorelNpg, constraint<ForwardKl>>);
static_assert(legal<MorelNpg, uncertainty<SoftPenalty<MaxStd>>> && !legal<MorelNpg, uncertainty<NextValueStd>>);
static_assert(!legal<MorelNpg, dynamics<TrueDynamics<Pendulum>>>, "one model has no uncertainty");

// Uncertainty and pessimism stand side by side.
static_assert(legal<SacN, critic<Conservative<Diversified<SoftBackup>>>> &&
              legal<SacN, critic<Lagrange<Conservative<SoftBackup, MaxAction>>>>);

// What changes the target states the loss anew: a term beside the target's stands outside of it, or would be left out.
static_assert(legal<BracV, critic<Conservative<ValuePenalized<PolicyBackup>>>> &&
              !legal<BracV, critic<ValuePenalized<Conservative<PolicyBackup>>>>);
static_assert(legal<BracV, critic<Lagrange<Conservative<ValuePenalized<PolicyBackup>>>>>);
static_assert(!legal<BracV, critic<ValuePenalized<Lagrange<Conservative<PolicyBackup>>>>>,
              "a multiplier changes nothing of that");
static_assert(!legal<BracV, critic<Lagrange<ValuePenalized<Conservative<PolicyBackup>>>>>);
static_assert(!legal<BracV, critic<Conservative<ValuePenalized<Diversified<PolicyBackup>>>>>,
              "nor does a wrapper around both");
static_assert(legal<RewardKl, critic<Conservative<LogBehaviorReward<SoftBackup>>>> &&
              !legal<RewardKl, critic<LogBehaviorReward<Conservative<SoftBackup>>>>);
static_assert(legal<BracV, critic<ValuePenalized<LogBehaviorReward<PolicyBackup>>>>, "two changes of one target");
static_assert(legal<ReBrac, critic<Diversified<CloningPenalized<SmoothedPolicyBackup>>>>);
static_assert(!legal<ReBrac, critic<CloningPenalized<Diversified<SmoothedPolicyBackup>>>>);
}  // namespace

TEST_CASE("meaningless pairs are refused", "[compose]") { SUCCEED("compiled"); }
