// reject: composition_error<tessera::in<Mine>, tessera::component<My>, tessera::lacks<tessera::lack::run_in<tessera::stage::behavior> ?>, tessera::to_be<tessera::want::a_behavior_model> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct My : no_parameters<role::behavior_model> {
  using space = Continuous;
  static void run(stage::actor, const params&, auto&) {}
};
#else
struct My : no_parameters<role::behavior_model> {
  using space = Continuous;
  static void run(stage::behavior, const params&, auto&) {}
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, behavior<My>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
