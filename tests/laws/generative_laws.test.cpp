#include "laws/generative_laws.hpp"

#include <tessera/actor/match_flow.hpp>
#include <tessera/actor/match_noise.hpp>
#include <tessera/actor/maximize_q.hpp>
#include <tessera/behavior/generator.hpp>
#include <tessera/critic/chunk_backup.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/data/chunk_transitions.hpp>
#include <tessera/policy/chunked.hpp>
#include <tessera/policy/diffusion.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/policy/latent.hpp>
#include <tessera/policy/one_step.hpp>
#include <tessera/select/sample.hpp>

using namespace tessera;
using laws::generative_laws;
using laws::matching_laws;

namespace {
template <class P>
using Flowing = recipe<policy<P>, actor<MatchFlow>, tessera::select<Sample>>;
template <class P>
using Denoising = recipe<policy<P>, actor<MatchNoise>, tessera::select<Sample>>;
template <class P>
using Climbing = recipe<policy<P>, critic<PolicyBackup>, actor<MaximizeQ>, tessera::select<Sample>>;
template <class R>
using OfChunks =
    typename R::template with<policy<Chunked<typename R::template get<policy>>>, tessera::data<ChunkTransitions>>;
struct ToTheMiddle : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/middle", step.pi(now).latent_with_log_prob().action.square().mean()};
  }
};
template <class P>
using Steering = recipe<policy<P>, behavior<Generator<FlowPolicy>>, actor<ToTheMiddle>, tessera::select<Sample>>;
constexpr auto midpoint = [](auto& p) { p.policy.integrator = integrator::midpoint, p.policy.steps = 5; };
constexpr auto cosine = [](auto& p) { p.policy.schedule = noise_schedule::cosine, p.policy.steps = 20; };
}  // namespace

TEST_CASE("a generative policy's samples are actions, and of its noise where it says so", "[policy][laws]") {
  CHECK(generative_laws<Flowing<FlowPolicy>>());
  CHECK(generative_laws<Flowing<FlowPolicy>>(midpoint));
  CHECK(generative_laws<Denoising<DiffusionPolicy>>());
  CHECK(generative_laws<Denoising<DdimPolicy>>());
  CHECK(generative_laws<Denoising<DdimPolicy>>(cosine));
  CHECK(generative_laws<Climbing<OneStepPolicy>>());
  CHECK(generative_laws<Climbing<BackpropThroughSteps<FlowPolicy>>>());
  CHECK(generative_laws<Climbing<BackpropThroughSteps<DiffusionPolicy>>>());
  CHECK(generative_laws<Steering<LatentPolicy>>());
  CHECK(generative_laws<OfChunks<Flowing<FlowPolicy>>>());
  CHECK(generative_laws<OfChunks<Climbing<OneStepPolicy>::with<critic<ChunkBackup<PolicyBackup>>>>>());
}

TEST_CASE("a generative policy that is fitted to actions has their distribution", "[policy][laws]") {
  CHECK(matching_laws<Flowing<FlowPolicy>>());
  CHECK(matching_laws<Flowing<FlowPolicy>>(midpoint));
  CHECK(matching_laws<Denoising<DiffusionPolicy>>(cosine));
  CHECK(matching_laws<Denoising<DdimPolicy>>(cosine));
}

namespace {
/// Leaves the box.
struct Unbound : FlowPolicy {
  template <class F, class T>
  static T generate(const params& h, const F& f, const T& noise, const auto&) {
    return math::euler(noise, h.steps, f);
  }
};
/// Draws where it says that it does not.
struct Restless : FlowPolicy {
  template <class F, class T>
  static T generate(const params& h, const F& f, const T& noise, const auto& redraw) {
    return FlowPolicy::generate(h, f, T(noise + redraw(noise)), redraw);
  }
};
/// Has one action for all noise.
struct Deaf : FlowPolicy {
  template <class F, class T>
  static T generate(const params& h, const F& f, const T& noise, const auto& redraw) {
    return FlowPolicy::generate(h, f, T(noise * 0.0), redraw);
  }
};
/// Forgets the noise that it started from.
struct Hasty : FlowPolicy {
  template <class F, class Step, class T = typename Step::tensor>
  static T matching_error(const params&, const F& f, const T& action, Step& step) {
    const T z = step.normal_like(action), t = step.draw(noise::uniform, 1, action);
    return (f(math::between(z, action, t), t) - action).square().mean(-1);
  }
};
}  // namespace

TEST_CASE("the laws of generative policies find out who breaks them", "[policy][laws]") {
  CHECK(generative_laws<Flowing<Unbound>>().breaks("samples are actions"));
  CHECK(generative_laws<Flowing<Restless>>().breaks("equal noise gives equal actions"));
  CHECK(generative_laws<Flowing<Deaf>>().breaks("an action depends on its noise"));
  CHECK(matching_laws<Flowing<Hasty>>().breaks("fitted, its samples have the actions' deviation"));
}
