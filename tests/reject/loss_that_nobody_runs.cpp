// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::adds_to<tessera::stage::actor>, tessera::which_nobody_runs

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

// A policy that is a function of the critic has no network that a loss could move.
#if TESSERA_REJECT
struct MyActor : archetypes::MinimalActor {};
#else
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static void run(stage::actor, const params&, Step&) {}
};
#endif

#include <tessera/select/greedy.hpp>
struct Mine : recipe<policy<archetypes::MinimalActsByCritic>, critic<archetypes::MinimalCritic>, actor<MyActor>,
                     tessera::select<Greedy>> {};

void run() { archetypes::use<Mine>(); }
