// reject: composition_error<tessera::in<Mine>, tessera::component<MyPolicy>, tessera::lacks<tessera::lack::at_states>, tessera::to_be<tessera::want::a_policy> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyPolicy : no_parameters<role::policy> {
  using space = Discrete;
};
#else
struct MyPolicy : no_parameters<role::policy> {
  using space = Discrete;
  static constexpr bool acts_by_critic = true;
};
#endif

#include <tessera/select/greedy.hpp>
struct Mine : recipe<policy<MyPolicy>, critic<archetypes::MinimalCritic>, tessera::select<Greedy>> {};

void run() { archetypes::use<Mine>(); }
