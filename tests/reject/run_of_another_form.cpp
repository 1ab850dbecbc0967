// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::lacks<tessera::lack::run_of_a_stage_h_and_step>, tessera::to_be<tessera::to_be_called> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static void run(stage::duals, Step&) {}
};
#else
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static void run(stage::duals, const params&, Step&) {}
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
