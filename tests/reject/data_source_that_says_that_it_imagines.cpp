// reject: composition_error<tessera::in<Mine>, tessera::component<My>, tessera::lacks<tessera::lack::refill_of_h_replay_and_at>, tessera::to_be<tessera::to_be_called> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct My : archetypes::MinimalDataSource {
  static constexpr bool imagines = true;
};
#else
struct My : archetypes::MinimalDataSource {
  static constexpr bool imagines = true;
  static void refill(const params&, auto&, auto&) {}
};
#endif

struct Mine
    : recipe<policy<archetypes::MinimalPolicy<Continuous>>, tessera::data<My>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
