// reject: composition_error<tessera::in<Mine>, tessera::component<MySource>, tessera::adds_to<tessera::a_home_stage>, tessera::which_its_slot_lacks

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MySource : archetypes::MinimalDataSource {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"data/mine", {}};
  }
};
#else
struct MySource : archetypes::MinimalDataSource {
  template <class Step>
  static terms<typename Step::tensor> adds(stage::actor, const params&, Step&) {
    return {"data/mine", {}};
  }
};
#endif

struct Mine
    : recipe<policy<archetypes::MinimalPolicy<Continuous>>, tessera::data<MySource>, actor<archetypes::MinimalActor>> {
};

void run() { archetypes::use<Mine>(); }
