// reject: composition_error<tessera::in<Mine>, tessera::component<MyBackup>, tessera::lacks<tessera::lack::discount_in_params>, tessera::to_be<tessera::want::a_critic_update> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyBackup : EnsembleCritic {
  struct params {
    std::int64_t net = 0, adam = 0;
    double polyak = 0;
    std::int64_t members = 1;

    static constexpr doc docs[] = {{"net", ""}, {"adam", ""}, {"polyak", ""}, {"members", ""}};
  };
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"critic/mine", step.q(now, logged_action).sum()};
  }
};
#else
struct MyBackup : EnsembleCritic {
  using params = archetypes::critic_params;
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"critic/mine", h.discount * step.q(now, logged_action).sum()};
  }
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, critic<MyBackup>, actor<archetypes::MinimalActor>> {
};

void run() { archetypes::use<Mine>(); }
