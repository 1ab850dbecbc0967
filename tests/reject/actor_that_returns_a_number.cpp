// reject: composition_error<tessera::in<NumberActor>, tessera::slot<tessera::actor>, tessera::wants<tessera::want::an_actor_objective>, tessera::but_got<Cloning>
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
