#include <tessera/algorithms.hpp>
#include <tessera/critic/fixed_policy_backup.hpp>
#include <tessera/data/fixed_policy_transitions.hpp>
#include <tessera/policy/fixed_policy.hpp>
#include <tessera/select/best_of_average.hpp>
#include <tessera/select/no_selection.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/select/softmax_of.hpp>

#include "laws/select_laws.hpp"

using namespace tessera;
using laws::schedule_laws;
using laws::selection_laws;
using laws::untrained_policy_laws;

namespace {
template <class S, class P>
using Of = recipe<policy<P>, critic<PolicyBackup>, value<PolicyMean>, actor<AdvantageWeighted>, tessera::select<S>>;
template <class S>
using OfIndices = recipe<policy<CategoricalPolicy>, critic<PolicyBackup>, value<PolicyMean>, actor<AdvantageWeighted>,
                         tessera::select<S>>;
template <class S>
using Ordered = recipes::Sac::with<schedule<S>>;
}  // namespace

TEST_CASE("a selected action is inside the action space", "[select][laws]") {
  CHECK(selection_laws<Of<Mode, GaussianPolicy>>());
  CHECK(selection_laws<Of<Sample, GaussianPolicy>>());
  CHECK(selection_laws<Of<BestOf, GaussianPolicy>>());
  CHECK(selection_laws<Of<BestOfAverage, GaussianPolicy>>());
  CHECK(selection_laws<Of<BestOfTarget, GaussianPolicy>>());
  CHECK(selection_laws<Of<ExpectileWeightedOf, GaussianPolicy>>());
  CHECK(selection_laws<Of<SoftmaxOf, GaussianPolicy>>());
  CHECK(selection_laws<Of<Mode, TanhGaussianPolicy>>());
  CHECK(selection_laws<Of<Sample, TanhGaussianPolicy>>());
  CHECK(selection_laws<Of<Sample, SigmoidStdGaussianPolicy>>());
  CHECK(selection_laws<OfIndices<Mode>>());
  CHECK(selection_laws<OfIndices<Sample>>());
  CHECK(selection_laws<recipes::DiscreteCql::with<tessera::select<Greedy>>>());
  CHECK(selection_laws<recipes::DiscreteBcq::with<tessera::select<SupportedGreedy>>>());
}

TEST_CASE("a policy that acts by its critic has nothing to train", "[policy][laws]") {
  CHECK(untrained_policy_laws<recipe<policy<GreedyPolicy>, critic<DoubleQBackup>, tessera::select<Greedy>>>());
}

TEST_CASE("a learner of a fixed policy's value has no policy of its own", "[policy][laws]") {
  using Fixed = recipe<policy<FixedActions>, critic<FixedPolicyBackup>, data<FixedPolicyTransitions>,
                       tessera::select<NoSelection>>;
  CHECK(untrained_policy_laws<recipe<policy<FixedActions>, critic<FixedPolicyBackup>, data<FixedPolicyTransitions>,
                                     tessera::select<NoSelection>>>());
  CHECK(untrained_policy_laws<Fixed::with<policy<FixedProbabilities>>>());
  auto agent = laws::fresh<Fixed>(laws::small<Fixed>());
  CHECK_THROWS_WITH(agent.act(at::zeros({1, 3})), Catch::Contains("decides nothing; ask that policy"));
}

TEST_CASE("a schedule's period of k runs a stage on every k-th update", "[schedule][laws]") {
  CHECK(schedule_laws<Ordered<CriticFirst>>());
  CHECK(schedule_laws<Ordered<ValueFirst>>());
  CHECK(schedule_laws<Ordered<BehaviorLast>>());
  CHECK(schedule_laws<Ordered<ActorLast>>());
  CHECK(schedule_laws<Ordered<ActorFirst>>());
  CHECK(schedule_laws<Ordered<ActorThenTemperature>>());
  CHECK(schedule_laws<Ordered<TemperatureFirst>>());
  CHECK(schedule_laws<Ordered<AllAtOnce>>());
  CHECK(schedule_laws<Ordered<AllTogether>>());
  CHECK(schedule_laws<Ordered<NoiseCriticLast>>());
  CHECK(schedule_laws<Ordered<Order<stage::actor, stage::critic, stage::duals, stage::targets>>>());
}

namespace {
struct Beyond : Mode {
  template <class Step>
  static typename Step::tensor act(const params& h, Step& step) {
    return 2 * Mode::act(h, step);
  }
};
struct OffByOne : Greedy {
  template <class Step>
  static typename Step::tensor act(const params& h, Step& step) {
    return Greedy::act(h, step) + 1;
  }
};
struct Restless : Mode {
  template <class Step>
  static typename Step::tensor act(const params& h, Step& step) {
    static int calls = 0;
    return 0.1 * Mode::act(h, step) + 0.001 * ++calls;
  }
};
struct Networked : CategoricalPolicy {
  static constexpr bool acts_by_critic = true;
};
struct Deaf : CriticFirst {
  template <class S>
  static constexpr phase when(S at, const Periods&) {
    return CriticFirst::when(at, {});
  }
};
struct FromZero : CriticFirst {
  template <class S>
  static constexpr phase when(S at, const Periods& h) {
    auto it = CriticFirst::when(at, h);
    it.offset = 1;
    return it;
  }
};
}  // namespace

TEST_CASE("the laws of selections and schedules find out who breaks them", "[select][schedule][laws]") {
  CHECK(selection_laws<Of<Beyond, GaussianPolicy>>().breaks("the action is inside the action space"));
  CHECK(selection_laws<recipes::DiscreteCql::with<tessera::select<OffByOne>>>().breaks(
      "the action that leaves the learner is inside"));
  CHECK(selection_laws<Of<Restless, GaussianPolicy>>().breaks("equal keys give equal actions"));
  CHECK(untrained_policy_laws<recipe<policy<Networked>, critic<DoubleQBackup>, tessera::select<Greedy>>>().breaks(
      "a policy that is not trained"));
  CHECK(schedule_laws<Ordered<Deaf>>().breaks("the actor runs on every k-th update"));
  CHECK(schedule_laws<Ordered<FromZero>>().breaks("targets follow on every k-th update"));
}
