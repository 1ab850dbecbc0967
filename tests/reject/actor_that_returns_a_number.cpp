// reject: composition_error<tessera::in<NumberActor>, tessera::component<Cloning>, tessera::lacks<tessera::lack::loss_that_returns_terms>, tessera::to_be<tessera::want::an_actor_objective>
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

struct Cloning : BehaviorCloning {
#if TESSERA_REJECT
  template <class Step>
  static double loss(const params&, Step&) {
    return 0;
  }
#endif
};
struct NumberActor : recipe<policy<GaussianPolicy>, actor<Cloning>> {};

void run() { archetypes::use<NumberActor>(); }
