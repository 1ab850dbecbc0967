// reject: composition_error<tessera::in<Mine>, tessera::component<archetypes::MinimalActor>, tessera::adds_to<tessera::stage::actor>, tessera::which_its_schedule_lacks

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
template <class R>
using trained_by = typename R::template with<actor<archetypes::MinimalActor>>;
#else
template <class R>
using trained_by = typename R::template with<>;
#endif

#include <tessera/select/greedy.hpp>
struct Mine : trained_by<recipe<policy<archetypes::MinimalActsByCritic>, critic<archetypes::MinimalCritic>,
                                tessera::select<Greedy>, schedule<Order<stage::critic, stage::targets>>>> {};

void run() { archetypes::use<Mine>(); }
