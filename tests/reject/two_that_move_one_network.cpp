// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::moves_in<tessera::stage::actor>, tessera::which_another_moves

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : archetypes::LeastActor {
  template <class Step>
  static void move(stage::actor, const params&, Step&) {}
};
struct MyConstraint : archetypes::LeastConstraint {
  template <class Step>
  static void move(stage::actor, const params&, Step&) {}
};
#else
struct MyActor : archetypes::LeastActor {
  template <class Step>
  static void move(stage::actor, const params&, Step&) {}
};
struct MyConstraint : archetypes::LeastConstraint {};
#endif

struct Mine : recipe<policy<archetypes::LeastPolicy<Continuous>>, actor<MyActor>, constraint<MyConstraint>> {};

void run() { archetypes::use<Mine>(); }
