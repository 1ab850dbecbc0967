// reject: composition_error<tessera::in<Mine>, tessera::component<MyActor>, tessera::runs_in<tessera::a_stage>, tessera::which_its_schedule_lacks

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct collect {
  static constexpr const char* name = "collect";
};
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static void run(collect, const params&, Step&) {}
};
#else
struct MyActor : archetypes::MinimalActor {
  template <class Step>
  static void run(stage::duals, const params&, Step&) {}
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
