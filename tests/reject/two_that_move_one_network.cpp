// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::moves_in<tessera::stage::actor>, tessera::which_another_moves

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static void move(stage::actor, const params&, Step&) {}
};
struct MyConstraint : archetypes::MinimalConstraint {
  template <class Step>
  static void move(stage::actor, const params&, Step&) {}
};
#else
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static void move(stage::actor, const params&, Step&) {}
};
struct MyConstraint : archetypes::MinimalConstraint {};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, actor<MyActor>, constraint<MyConstraint>> {};

void run() { archetypes::use<Mine>(); }
