// reject: composition_error<tessera::in<Mine>, tessera::component<My>, tessera::lacks<tessera::lack::loss_that_returns_terms>, tessera::to_be<tessera::want::a_behavior_constraint> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct My : no_parameters<role::behavior_constraint> {};
#else
struct My : no_parameters<role::behavior_constraint> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"constraint/mine", {}};
  }
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, constraint<My>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
