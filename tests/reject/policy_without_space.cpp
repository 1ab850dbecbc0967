// reject: composition_error<tessera::in<Mine>, tessera::component<MyPolicy>, tessera::lacks<tessera::lack::action_space>, tessera::to_be<tessera::want::a_policy> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyPolicy : NetworkPolicy {
  using params = archetypes::network_params;
  static head_layout layout(const params&, std::int64_t action_size) { return {action_size}; }
  template <class T>
  static T mode(const params&, const head<T>& x) {
    return x.out;
  }
};
#else
struct MyPolicy : NetworkPolicy {
  using space = Continuous;
  using params = archetypes::network_params;
  static head_layout layout(const params&, std::int64_t action_size) { return {action_size}; }
  template <class T>
  static T mode(const params&, const head<T>& x) {
    return x.out;
  }
};
#endif

struct Mine : recipe<policy<MyPolicy>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
