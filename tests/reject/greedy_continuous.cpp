// reject: composition_error<tessera::in<GreedyIql>, tessera::component<tessera::Greedy>, tessera::wants<tessera::want::critic_of_discrete_actions>, tessera::but_got<tessera::ValueBackup>, tessera::try_<tessera::PolicyBackup>
#include <tessera/algorithms/awac.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/select/greedy.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct GreedyIql : recipes::Iql::with<tessera::select<Greedy>> {};
#else
struct GreedyIql : recipes::DiscreteAwac::with<tessera::select<Greedy>> {};
#endif

void run() { archetypes::use<GreedyIql>(); }
