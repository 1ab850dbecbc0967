// reject: composition_error<tessera::in<Steered>, tessera::component<tessera::LatentPolicy>, tessera::wants<tessera::want::behavior_that_generates>, tessera::but_got<tessera::Generator<tessera::DiffusionPolicy> ?>, tessera::try_<tessera::Generator<tessera::FlowPolicy> ?>
// A sampler that draws noise in every step is no function of the noise that it begins with.
#include <tessera/behavior/generator.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/policy/latent.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

struct ToTheMiddle : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/middle", step.pi(now).latent_with_log_prob().action.square().mean()};
  }
};

#if TESSERA_REJECT
using Model = Generator<DiffusionPolicy>;
#else
using Model = Generator<DdimPolicy>;
#endif
struct Steered : recipe<policy<LatentPolicy>, behavior<Model>, actor<ToTheMiddle>> {};

void run() { archetypes::use<Steered>(); }
