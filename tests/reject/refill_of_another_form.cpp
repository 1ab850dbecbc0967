// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::lacks<tessera::lack::refill_of_h_replay_and_at>, tessera::to_be<tessera::to_be_called> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor : archetypes::MinimalActor {
  static void refill(auto&) {}
};
#else
struct MyActor : archetypes::MinimalActor {
  static void refill(const params&, auto&, auto&) {}
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
