#include "laws/behavior_laws.hpp"

#include <tessera/algorithms.hpp>
#include <tessera/policy/scaled_tanh_gaussian.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>

using namespace tessera;
using laws::behavior_laws;

namespace {
template <class M>
using Host = recipe<policy<DeterministicPolicy>, behavior<M>, actor<laws::idle_actor>>;
template <class M>
using OfIndices = recipe<policy<CategoricalPolicy>, behavior<M>, actor<laws::idle_discrete_actor>>;
}  // namespace

TEST_CASE("a behavior's density integrates to one, and its samples follow it", "[behavior][laws]") {
  CHECK(behavior_laws<Host<Density<GaussianPolicy>>>(-8, 8));
  CHECK(behavior_laws<Host<Density<StateDependentGaussianPolicy>>>(-8, 8));
  CHECK(behavior_laws<Host<Density<SigmoidStdGaussianPolicy>>>(-8, 8));
  // A squashed density is flat on the last thousandth of the box: what a wide one has there is missing, here some two
  // parts in a hundred.
  CHECK(behavior_laws<Host<Density<TanhGaussianPolicy>>>(-1, 1, laws::as_they_are, 0.03));
  CHECK(behavior_laws<Host<Density<ScaledTanhGaussianPolicy>>>());
  CHECK(behavior_laws<Host<Vae>>());
  CHECK(behavior_laws<Host<Generator<FlowPolicy>>>());
  CHECK(behavior_laws<Host<Generator<DiffusionPolicy>>>());
  CHECK(behavior_laws<Host<Generator<DdimPolicy>>>());
}

TEST_CASE("a behavior over finitely many actions sums to one, and supports an action in every state",
          "[behavior][laws]") {
  CHECK(behavior_laws<OfIndices<Density<CategoricalPolicy>>>());
  for (const double threshold : {0.0, 0.3, 0.999})
    CHECK(behavior_laws<OfIndices<CategoricalSupport>>(-1, 1, [=](auto& p) { p.behavior.threshold = threshold; }));
}

namespace {
/// Takes an action for its noise.
struct Forward : Generator<FlowPolicy> {
  template <class Step, class T = typename Step::tensor>
  static T noise_of(const params&, Step&, const T&, const T& actions) {
    return actions;
  }
};
struct Heavy : Density<GaussianPolicy> {
  template <class Step>
  static typename Step::tensor log_prob(const params& h, Step& step, place where, const typename Step::tensor& a) {
    return Density<GaussianPolicy>::log_prob(h, step, where, a) + 0.1;
  }
};
struct Leaking : Density<GaussianPolicy> {
  template <class Step>
  static typename Step::tensor log_prob(const params& h, Step& step, place where, const typename Step::tensor& a) {
    return GaussianPolicy::log_prob(h.model, step.template state_of<behavior>().net.trained(step.state(where)), a);
  }
};
struct Narrow : Density<GaussianPolicy> {
  template <class Step>
  static typename Step::tensor samples(const params& h, Step& step, place where, std::int64_t count) {
    return 0.5 * Density<GaussianPolicy>::samples(h, step, where, count);
  }
};
struct Wild : Vae {
  template <class Step>
  static typename Step::tensor samples(const params& h, Step& step, place where, std::int64_t count) {
    return Vae::samples(h, step, where, count) + 1.0;
  }
};
struct Strict : CategoricalSupport {
  template <class Step>
  static typename Step::tensor support(const params& h, Step& step, place where) {
    return (CategoricalSupport::log_probs(h, step, where).detach().exp() - 0.9).sign().clamp_min(0);
  }
};
}  // namespace

TEST_CASE("the laws of behaviors find out who breaks them", "[behavior][laws]") {
  CHECK(behavior_laws<Host<Forward>>().breaks("an action is generated of its noise"));
  CHECK(behavior_laws<Host<Heavy>>(-8, 8).breaks("the density integrates to one"));
  CHECK(behavior_laws<Host<Leaking>>(-8, 8).breaks("the density's gradient reaches the action alone"));
  CHECK(behavior_laws<Host<Narrow>>(-8, 8).breaks("samples follow the density"));
  CHECK(behavior_laws<Host<Wild>>().breaks("samples are actions"));
  CHECK(behavior_laws<OfIndices<Strict>>().breaks("every state supports an action"));
}
