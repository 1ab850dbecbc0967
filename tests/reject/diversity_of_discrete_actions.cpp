// reject: composition_error<tessera::in<DiscreteEdac>, tessera::component<tessera::Diversified<tessera::PolicyBackup> ?>, tessera::wants<tessera::want::continuous_policy>, tessera::but_got<tessera::CategoricalPolicy>
#include <tessera/algorithms/awac.hpp>
#include <tessera/critic/diversified.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct DiscreteEdac : recipes::DiscreteAwac::with<critic<Diversified<PolicyBackup>>> {};
#else
struct DiscreteEdac : recipes::Awac::with<critic<Diversified<PolicyBackup>>> {};
#endif

void run() { archetypes::use<DiscreteEdac>(); }
