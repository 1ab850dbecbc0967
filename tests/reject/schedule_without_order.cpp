// reject: composition_error<tessera::in<Mine>, tessera::component<My>, tessera::lacks<tessera::lack::order>, tessera::to_be<tessera::want::an_update_schedule> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct My : no_parameters<role::update_schedule> {
  static constexpr phase when(auto, const params&) { return {}; }
};
#else
struct My : no_parameters<role::update_schedule> {
  using order = list_of<stage::actor>;
  static constexpr phase when(auto, const params&) { return {}; }
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, schedule<My>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
