// reject: composition_error<tessera::in<Mine>, tessera::component<Around<Inner> ?>, tessera::hides_what_is_run_by<Inner>, tessera::runs_in<tessera::stage::duals>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Inner : archetypes::MinimalActor {
  template <class Step>
  static void run(stage::duals, const params&, Step&) {}
};
template <class Actor>
struct Around : Actor {
  template <class Step>
  static void run(stage::actor, const typename Actor::params&, Step&) {}
};
#else
struct Inner : archetypes::MinimalActor {
  template <class Step>
  static void run(stage::duals, const params&, Step&) {}
};
template <class Actor>
struct Around : Actor {
  using Actor::run;
  template <class Step>
  static void run(stage::actor, const typename Actor::params&, Step&) {}
};
#endif

struct Mine
    : recipe<policy<archetypes::MinimalPolicy<Continuous>>, critic<archetypes::MinimalCritic>, actor<Around<Inner>>> {};

void run() { archetypes::use<Mine>(); }
