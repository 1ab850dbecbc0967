// reject: composition_error<tessera::in<Mine>, tessera::component<ClonesChunks>, tessera::reads_column<tessera::column::chunk>, tessera::which_its_data_lack>
#include <tessera/algorithms/iql.hpp>
#include <tessera/data/action_chunks.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

struct ClonesChunks : no_parameters<role::actor_objective> {
  using reads = columns<column::chunk>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/chunks", (step.template column<column::chunk>() * step.pi(now).log_prob(step.action())).mean()};
  }
};

#if TESSERA_REJECT
struct Mine : recipes::Iql::with<actor<ClonesChunks>> {};
#else
struct Mine : recipes::Iql::with<actor<ClonesChunks>, data<ActionChunks>> {};
#endif

void run() { archetypes::use<Mine>(); }
