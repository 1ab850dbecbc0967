// reject: composition_error<tessera::in<Mine>, tessera::component<Around<Inner> ?>, tessera::hides_what_is_added_by<Inner>, tessera::adds_to<tessera::stage::critic>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Inner : archetypes::MinimalActor {
  template <class Step>
  static terms<typename Step::tensor> adds(stage::critic, const params&, Step&) {
    return {"actor/more", {}};
  }
};
template <class Actor>
struct Around : Actor {
  template <class Step>
  static terms<typename Step::tensor> adds(stage::actor, const typename Actor::params&, Step&) {
    return {"actor/more", {}};
  }
};
#else
struct Inner : archetypes::MinimalActor {
  template <class Step>
  static terms<typename Step::tensor> adds(stage::critic, const params&, Step&) {
    return {"actor/more", {}};
  }
};
template <class Actor>
struct Around : Actor {
  using Actor::adds;
  template <class Step>
  static terms<typename Step::tensor> adds(stage::actor, const typename Actor::params&, Step&) {
    return {"actor/more", {}};
  }
};
#endif

struct Mine
    : recipe<policy<archetypes::MinimalPolicy<Continuous>>, critic<archetypes::MinimalCritic>, actor<Around<Inner>>> {};

void run() { archetypes::use<Mine>(); }
