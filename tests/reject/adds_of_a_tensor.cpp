// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::lacks<tessera::lack::adds_that_returns_terms>, tessera::to_be<tessera::to_be_called> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static typename Step::tensor adds(stage::actor, const params&, Step&) {
    return {};
  }
};
#else
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static terms<typename Step::tensor> adds(stage::actor, const params&, Step&) {
    return {"actor/more", {}};
  }
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
