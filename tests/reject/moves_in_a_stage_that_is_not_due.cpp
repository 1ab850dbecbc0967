// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::moves_in<tessera::stage::critic>, tessera::which_its_schedule_lacks

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static void move(stage::critic, const params&, Step&) {}
};
#else
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static void move(stage::actor, const params&, Step&) {}
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, actor<MyActor>, schedule<Order<stage::actor>>> {};

void run() { archetypes::use<Mine>(); }
