// reject: composition_error<tessera::in<Mine>, tessera::component<My>, tessera::lacks<tessera::lack::charge_or_penalty_that_returns_a_tensor>, tessera::to_be<tessera::want::an_uncertainty_penalty> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct My : no_parameters<role::uncertainty_penalty> {};
#else
struct My : no_parameters<role::uncertainty_penalty> {
  template <class Step>
  static typename Step::tensor penalty(const params&, Step&) {
    return {};
  }
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, uncertainty<My>, actor<archetypes::MinimalActor>> {
};

void run() { archetypes::use<Mine>(); }
