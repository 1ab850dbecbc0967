// reject: loss_of_a_type_to_be_found_out.cpp:.* error: .*declare_the_return_type_instead_of_auto
// errors: 3 anywhere: the compiler finds more than one lookup in the loss, and then that it returns no terms
// lines: 80
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyActor {
  using role = role::actor_objective;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static auto loss(const params&, Step& step) {
    return -step.pi(now).log_prob(step.action()).mean();
  }
};
#else
struct MyActor {
  using role = role::actor_objective;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/mine", -step.pi(now).log_prob(step.action()).mean()};
  }
};
#endif

struct Mine : recipes::Bc::with<actor<MyActor>> {};

void run() { archetypes::use<Mine>(); }
