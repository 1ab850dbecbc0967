// reject: composition_error<tessera::in<Mine>, tessera::component<My>, tessera::lacks<tessera::lack::act_that_returns_a_tensor>, tessera::to_be<tessera::want::an_action_selection> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct My : no_parameters<role::action_selection> {
  static double act(const params&, auto&) { return 0; }
};
#else
struct My : no_parameters<role::action_selection> {
  template <class Step>
  static typename Step::tensor act(const params&, Step&) {
    return {};
  }
};
#endif

struct Mine
    : recipe<policy<archetypes::MinimalPolicy<Continuous>>, tessera::select<My>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
