// reject: composition_error<tessera::in<Mine>, tessera::component<My>, tessera::lacks<tessera::lack::imagine_that_returns_imagined>, tessera::to_be<tessera::want::a_dynamics_model> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct My : no_parameters<role::dynamics_model> {
  template <class Step, class T = typename Step::tensor>
  static T imagine(const params&, Step&, const T&, const T&) {
    return {};
  }
};
#else
struct My : no_parameters<role::dynamics_model> {
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params&, Step&, const T&, const T&) {
    return {};
  }
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, dynamics<My>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
