#include "laws/critic_laws.hpp"

#include <tessera/algorithms.hpp>
#include <tessera/critic/average_best_of_backup.hpp>
#include <tessera/critic/chunk_backup.hpp>
#include <tessera/critic/fixed_policy_backup.hpp>
#include <tessera/data/chunk_transitions.hpp>
#include <tessera/data/fixed_policy_transitions.hpp>
#include <tessera/policy/chunked.hpp>
#include <tessera/select/no_selection.hpp>

using namespace tessera;
using laws::critic_laws;
using laws::finite_problem;
using laws::fixed_point;
using laws::seen_policy;
using support::close;

namespace {
constexpr auto plain = [](auto&) {};
constexpr auto at_a_temperature = [](auto& p) { p.actor.temperature = 0.3; };

// Recipes whose critic is exchanged.
using ByModes = recipe<policy<DeterministicPolicy>, critic<PolicyBackup>, actor<MaximizeQ>>;
using BySamples = recipe<policy<TanhGaussianPolicy>, critic<SoftBackup>, actor<FixedTemperatureMaximizeQ>>;
using Clones =
    recipe<policy<CategoricalPolicy>, critic<PolicyBackup>, value<PolicyMean>, actor<SoftmaxAdvantageWeighted>>;
using Softly = recipe<policy<CategoricalPolicy>, behavior<Density<CategoricalPolicy>>, critic<SoftBackup>,
                      actor<FixedTemperatureMaximizeQ>>;
using Greedily = recipe<policy<GreedyPolicy>, critic<DoubleQBackup>, tessera::select<Greedy>>;
using OfFixedActions = recipe<policy<FixedActions>, critic<FixedPolicyBackup>, tessera::data<FixedPolicyTransitions>,
                              tessera::select<NoSelection>>;
using OfFixedProbabilities = OfFixedActions::with<policy<FixedProbabilities>>;
template <class Critic>
using Penalized = recipe<policy<DeterministicPolicy>, critic<Critic>, actor<MaximizeQ>, constraint<SummedSquaredError>>;

// v of a state, from Q's table, (states, actions).
constexpr auto of_mode = [](const finite_problem&, const seen_policy& of, const at::Tensor& q) {
  return seen_policy::at_action(q, of.mode);
};
constexpr auto of_policy = [](const finite_problem&, const seen_policy& of, const at::Tensor& q) {
  return (of.pi * q).sum(1);
};
constexpr auto of_fixed_actions = [](const finite_problem&, const seen_policy&, const at::Tensor& q) {
  return seen_policy::at_action(q, finite_problem::fixed_actions());
};
constexpr auto of_fixed_probabilities = [](const finite_problem&, const seen_policy&, const at::Tensor& q) {
  return (finite_problem::fixed_probabilities() * q).sum(1);
};
constexpr auto of_best = [](const finite_problem&, const seen_policy&, const at::Tensor& q) { return q.amax(1); };
constexpr auto of_behavior = [](const finite_problem& f, const seen_policy&, const at::Tensor& q) {
  return (f.frequencies() * q).sum(1);
};
constexpr auto soft = [](const finite_problem&, const seen_policy& of, const at::Tensor& q) {
  return (of.pi * (q - 0.3 * of.pi.log())).sum(1);
};
// The squared distance of the policy's mode to the log's next action.
at::Tensor distance(const seen_policy& of) { return (of.mode - finite_problem::next_logged).square(); }
}  // namespace

TEST_CASE("a critic's loss is that of its reward and next value, and moves the critic alone", "[critic][laws]") {
  CHECK(critic_laws<ByModes::with<critic<PolicyBackup>>>());
  CHECK(critic_laws<ByModes::with<critic<AveragePolicyBackup>>>());
  CHECK(critic_laws<ByModes::with<critic<TargetPolicyBackup>>>());
  CHECK(critic_laws<ByModes::with<critic<SmoothedPolicyBackup>>>());
  CHECK(critic_laws<BySamples::with<critic<BestOfPolicyBackup>>>());
  CHECK(critic_laws<BySamples::with<critic<AverageBestOfBackup>>>());
  CHECK(critic_laws<BySamples::with<critic<SoftBackup>>>(at_a_temperature));
  CHECK(critic_laws<BySamples::with<critic<SubsetSoftBackup>>>(at_a_temperature));
  CHECK(critic_laws<BySamples::with<critic<Calibrated<SoftBackup>>>>(at_a_temperature));
  CHECK(critic_laws<ByModes::with<critic<CloningPenalized<SmoothedPolicyBackup>>>>());
  CHECK(critic_laws<Penalized<ValuePenalized<PolicyBackup>>>());
  CHECK(critic_laws<BySamples::with<critic<Conservative<SoftBackup>>>>(at_a_temperature));
  CHECK(critic_laws<BySamples::with<critic<Lagrange<Conservative<SoftBackup>>>>>(at_a_temperature));
  CHECK(critic_laws<ByModes::with<critic<Diversified<PolicyBackup>>>>());
  CHECK(critic_laws<ByModes::with<policy<Chunked<DeterministicPolicy>>, critic<ChunkBackup<PolicyBackup>>,
                                  tessera::data<ChunkTransitions>>>());
  CHECK(critic_laws<recipes::Dsrl::with<critic<LatentSoftBackup>>>());
  CHECK(critic_laws<recipes::DsrlNoiseAliased::with<critic<NoiseAliasedBackup>>>());
  CHECK(critic_laws<recipes::Iql::with<critic<ValueBackup>>>());
  CHECK(critic_laws<OfFixedActions::with<critic<FixedPolicyBackup>>>());
}

TEST_CASE("a critic of discrete actions keeps the laws of one", "[critic][laws]") {
  CHECK(critic_laws<Greedily::with<critic<DoubleQBackup>>>());
  CHECK(critic_laws<Greedily::with<critic<Conservative<DoubleQBackup>>>>());
  CHECK(critic_laws<recipes::DiscreteBcq::with<critic<SupportedDoubleQBackup>>>());
  CHECK(critic_laws<Clones::with<critic<PolicyBackup>>>());
  CHECK(critic_laws<Softly::with<critic<SoftBackup>>>(at_a_temperature));
  CHECK(critic_laws<Softly::with<critic<LogBehaviorReward<SoftBackup>>>>(at_a_temperature));
  CHECK(critic_laws<recipes::DiscreteIql::with<critic<ValueBackup>>>());
  CHECK(critic_laws<OfFixedProbabilities::with<critic<FixedPolicyBackup>>>());
}

TEST_CASE("on a finite problem a critic's fixed point is the value it names", "[critic][laws]") {
  CHECK(fixed_point<ByModes::with<critic<PolicyBackup>>>(plain, of_mode));
  CHECK(fixed_point<ByModes::with<critic<AveragePolicyBackup>>>(plain, of_mode));
  CHECK(fixed_point<ByModes::with<critic<TargetPolicyBackup>>>(plain, of_mode));
  CHECK(fixed_point<ByModes::with<critic<SmoothedPolicyBackup>>>([](auto& p) { p.critic.smoothing = 0; }, of_mode));
  CHECK(
      fixed_point<ByModes::with<critic<Diversified<PolicyBackup>>>>([](auto& p) { p.critic.diversity = 0; }, of_mode));
  CHECK(fixed_point<ByModes::with<critic<CloningPenalized<SmoothedPolicyBackup>>>>(
      [](auto& p) { p.critic.smoothing = 0, p.critic.cloning = 0.5; },
      [](const finite_problem&, const seen_policy& of, const at::Tensor& q) {
        return seen_policy::at_action(q, of.mode) - 0.5 * distance(of);
      }));
  CHECK(fixed_point<Penalized<ValuePenalized<PolicyBackup>>>(
      [](auto& p) { p.constraint.weight = 0.4; },
      [](const finite_problem&, const seen_policy& of, const at::Tensor& q) {
        return seen_policy::at_action(q, of.mode) - 0.4 * distance(of);
      }));
  CHECK(fixed_point<BySamples::with<critic<SoftBackup>>>(
      at_a_temperature, [](const finite_problem&, const seen_policy& of, const at::Tensor& q) {
        return seen_policy::at_action(q, of.mean) - 0.3 * of.mean_log_pi;
      }));
  CHECK(fixed_point<BySamples::with<critic<BestOfPolicyBackup>>>(
      [](auto& p) { p.critic.samples = 1; }, [](const finite_problem&, const seen_policy& of,
                                                const at::Tensor& q) { return seen_policy::at_action(q, of.mean); }));
  CHECK(fixed_point<OfFixedActions::with<critic<FixedPolicyBackup>>>(plain, of_fixed_actions));
  CHECK(fixed_point<recipes::Iql::with<critic<ValueBackup>>>([](auto& p) { p.value.tau = 0.5; }, of_behavior));
}

TEST_CASE("on a finite problem of discrete actions a critic's fixed point is the value it names", "[critic][laws]") {
  CHECK(fixed_point<Greedily::with<critic<DoubleQBackup>>>(plain, of_best));
  CHECK(fixed_point<OfFixedProbabilities::with<critic<FixedPolicyBackup>>>(plain, of_fixed_probabilities));
  CHECK(
      fixed_point<Greedily::with<critic<Conservative<DoubleQBackup>>>>([](auto& p) { p.critic.weight = 0; }, of_best));
  CHECK(fixed_point<Clones::with<critic<PolicyBackup>>>(plain, of_policy));
  CHECK(fixed_point<Softly::with<critic<SoftBackup>>>(at_a_temperature, soft));
  CHECK(fixed_point<Softly::with<critic<SubsetSoftBackup>>>(at_a_temperature, soft));
  CHECK(fixed_point<recipes::DiscreteIql::with<critic<ValueBackup>>>([](auto& p) { p.value.tau = 0.5; }, of_behavior));
  // The behavior model is fitted to the log along with it, and so ends at the log's frequencies.
  CHECK(fixed_point<Softly::with<critic<LogBehaviorReward<SoftBackup>>>>(
      at_a_temperature, soft, 0.3 * finite_problem::of<Softly>().frequencies().log()));
  CHECK(fixed_point<recipes::DiscreteBcq::with<critic<SupportedDoubleQBackup>>>(
      [](auto& p) { p.behavior.logit_weight = 0; },
      [](const finite_problem& f, const seen_policy&, const at::Tensor& q) {
        const auto b = f.frequencies();
        return at::where(b > 0.3 * b.amax(1, true), q, at::full_like(q, -1e30)).amax(1);
      }));
}

namespace {
/// Regresses to another target than it says.
struct Another : PolicyBackup {
  template <class Step>
  static typename Step::tensor reward(const params&, Step& step) {
    return step.reward() + 1.0;
  }
};
/// Values another action than it says.
struct Elsewhere : PolicyBackup {
  template <class Step>
  static typename Step::tensor next_action(const params&, Step& step) {
    return step.pi(next).sample() * 0.5;
  }
};
/// Lets the gradient into its target.
struct Chasing : OneStep<Chasing> {
  using needs = PolicyBackup::needs;
  template <class Step>
  static typename Step::tensor next_value(const params&, Step& step) {
    return math::min(step.q(next, step.pi(next).sample()));
  }
};
/// Lets it into V.
struct Meddling : OneStep<Meddling> {
  using needs = ValueBackup::needs;
  template <class Step>
  static typename Step::tensor next_value(const params&, Step& step) {
    return step.v(next);
  }
};
/// Names the policy's value, and is of half of it.
struct Halved : OneStep<Halved> {
  using needs = PolicyBackup::needs;
  template <class Step>
  static typename Step::tensor next_value(const params&, Step& step) {
    return 0.5 * math::min(step.q(next, step.pi(next).sample(), as::target));
  }
};
}  // namespace

TEST_CASE("the laws of critics find out who breaks them", "[critic][laws]") {
  CHECK(critic_laws<ByModes::with<critic<Another>>>().breaks("the loss is that of its reward and next value"));
  CHECK(critic_laws<ByModes::with<critic<Elsewhere>>>().breaks("the next value is that of the next action"));
  CHECK(critic_laws<ByModes::with<critic<Chasing>>>().breaks("the target has no gradient"));
  CHECK(critic_laws<recipes::Iql::with<critic<Meddling>>>().breaks("the gradient reaches its network alone"));
  CHECK_FALSE(fixed_point<ByModes::with<critic<Halved>>>(plain, of_mode));
}
