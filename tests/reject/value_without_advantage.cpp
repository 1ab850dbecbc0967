// reject: composition_error<tessera::in<Mine>, tessera::component<MyValue>, tessera::lacks<tessera::lack::advantage_that_returns_a_tensor>, tessera::to_be<tessera::want::a_value_estimate> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyValue : NetworkValue {
  using params = archetypes::network_params;
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"value/mine", step.v(now).sum()};
  }
  template <class Step>
  static double advantage(const params&, Step&) {
    return 0;
  }
};
#else
struct MyValue : NetworkValue {
  using params = archetypes::network_params;
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"value/mine", step.v(now).sum()};
  }
  template <class Step>
  static typename Step::tensor advantage(const params&, Step& step) {
    return step.v(now, as::fixed);
  }
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, value<MyValue>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
