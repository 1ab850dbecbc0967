#include "laws/actor_laws.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using laws::actor_laws;

namespace {
constexpr auto at_a_temperature = [](auto& p) {
  p.actor.temperature = 0.3;
};  // at 0 there is no entropy term, and so no temperature
}  // namespace

TEST_CASE("the gradient of an actor's objective reaches the policy alone", "[actor][laws]") {
  CHECK(actor_laws<recipes::Bc::with<actor<BehaviorCloning>>>());
  CHECK(actor_laws<recipes::Iql::with<actor<AdvantageWeighted>>>());
  CHECK(actor_laws<recipes::Iql::with<actor<BinaryWeighted>>>());
  CHECK(actor_laws<recipes::Iql::with<actor<SparseWeighted>>>());
  CHECK(actor_laws<recipes::Eql::with<actor<BoltzmannWeighted>>>());
  CHECK(actor_laws<recipes::Awac::with<actor<SoftmaxAdvantageWeighted>>>());
  CHECK(actor_laws<recipes::Td3::with<actor<MaximizeQ>>>());
  CHECK(actor_laws<recipes::Td3::with<actor<MaximizeMinQ>>>());
  CHECK(actor_laws<recipes::MorelNpg::with<actor<NaturalPolicyGradient>>>());
  CHECK(actor_laws<recipes::FlowBc::with<actor<MatchFlow>>>());
  CHECK(actor_laws<recipes::Ifql::with<actor<AdvantageWeightedFlow>>>());
  CHECK(actor_laws<recipes::DiffusionBc::with<actor<MatchNoise>>>());
  CHECK(actor_laws<recipes::Idql::with<actor<AdvantageWeightedNoise>>>());
  CHECK(actor_laws<recipes::Fql::with<actor<MaximizeAverageQ>>>());
}

TEST_CASE("an actor's temperature is not negative, and follows the entropy where it is learned", "[actor][laws]") {
  CHECK(actor_laws<recipes::Sac::with<actor<SoftMaximizeQ>>>());
  CHECK(actor_laws<recipes::Sac::with<actor<SoftMaximizeMeanQ>>>());
  CHECK(actor_laws<recipes::Dsrl::with<actor<SoftMaximizeNoiseQ>>>());
  CHECK(actor_laws<recipes::DsrlNoiseAliased::with<actor<SoftMaximizeNoiseQ>>>());
  CHECK(actor_laws<recipes::InAc::with<actor<InSampleSoftmax>>>());
  CHECK(actor_laws<recipes::Sac::with<actor<FixedTemperatureMaximizeQ>>>(at_a_temperature));
  CHECK(actor_laws<recipes::DiscreteRewardKl::with<actor<FixedTemperatureMaximizeQ>>>(at_a_temperature));
  CHECK(actor_laws<recipes::BracP::with<actor<FixedTemperatureMaximizeQ>>>());  // 0: no entropy term
}

namespace {
/// Does not freeze the critic.
struct Leaking : MaximizeQ {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return ascent(h, step.q(now, step.pi(now).sample()));
  }
};
/// Has nothing to do with the policy.
struct Idle : MaximizeQ {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return ascent(h, typename Step::tensor(step.q(now, step.action(), as::frozen) * step.constant(1).requires_grad_()));
  }
};
/// Takes the inverse for the temperature.
struct Inverse : SoftMaximizeQ {
  template <class Step>
  static typename Step::tensor temperature(const params& h, Step& step) {
    return 1 / SoftMaximizeQ::temperature(h, step);
  }
};
/// Remembers outside of its state.
struct Forgetful : MaximizeQ {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    static int calls = 0;
    return ascent(h, typename Step::tensor(step.q(now, step.pi(now).sample(), as::frozen, 1) * double(++calls)));
  }
};
/// Leaves the gradient where it is.
struct Standing : NaturalPolicyGradient {
  template <class Step>
  static void move(stage::actor, const params&, Step&) {}
};
}  // namespace

TEST_CASE("the laws of actors find out who breaks them", "[actor][laws]") {
  CHECK(actor_laws<recipes::Td3::with<actor<Leaking>>>().breaks("the gradient reaches its network alone"));
  CHECK(actor_laws<recipes::Td3::with<actor<Idle>>>().breaks("the gradient reaches its network"));
  CHECK(actor_laws<recipes::Td3::with<actor<Forgetful>>>().breaks("what a part remembers is its state"));
  CHECK(actor_laws<recipes::Sac::with<actor<Inverse>>>().breaks("the temperature rises below the target"));
  CHECK(actor_laws<recipes::MorelNpg::with<actor<Standing>>>().breaks("the gradient is cleared"));
}
