// reject: composition_error<tessera::in<GreedyIql>, tessera::component<tessera::Greedy>, tessera::wants<tessera::want::discrete_policy>, tessera::but_got<tessera::GaussianPolicy>, tessera::try_<tessera::CategoricalPolicy, tessera::GreedyPolicy>
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
