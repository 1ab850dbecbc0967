// reject: composition_error<tessera::in<Steered>, tessera::component<tessera::LatentPolicy>, tessera::wants<tessera::slot<tessera::behavior> ?>, tessera::which_is_empty, tessera::try_<tessera::Generator<tessera::FlowPolicy> ?>
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
struct Steered : recipe<policy<LatentPolicy>, actor<ToTheMiddle>> {};
#else
struct Steered : recipe<policy<LatentPolicy>, behavior<Generator<FlowPolicy>>, actor<ToTheMiddle>> {};
#endif

void run() { archetypes::use<Steered>(); }
