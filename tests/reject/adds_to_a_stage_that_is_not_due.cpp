// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::adds_to<tessera::stage::critic>, tessera::which_its_schedule_lacks

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static terms<typename Step::tensor> adds(stage::critic, const params&, Step&) {
    return {"actor/more", {}};
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

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, actor<MyActor>, schedule<Order<stage::actor>>> {};

void run() { archetypes::use<Mine>(); }
