// reject: composition_error<tessera::in<Mine>, tessera::component<MyBackup>, tessera::lacks<tessera::lack::run_in<tessera::stage::targets> ?>, tessera::to_be<tessera::want::a_critic_update> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyBackup : EnsembleCritic {
  using params = archetypes::critic_params;
  using needs = all_of<>;
  template <class Step>
  static void run(stage::critic at, const params&, Step& step) {
    step.descend(at, step.template state_of<critic>().net);
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"critic/mine", h.discount * step.q(now, logged_action).sum()};
  }
};
#else
struct MyBackup : EnsembleCritic {
  using params = archetypes::critic_params;
  using needs = all_of<>;
  using EnsembleCritic::run;
  template <class Step>
  static void run(stage::duals, const params&, Step&) {}
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"critic/mine", h.discount * step.q(now, logged_action).sum()};
  }
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, critic<MyBackup>, actor<archetypes::MinimalActor>> {
};

void run() { archetypes::use<Mine>(); }
