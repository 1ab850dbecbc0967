// reject: composition_error<tessera::in<ConservativeV>, tessera::slot<tessera::critic> ?, tessera::wants<tessera::want::a_critic_update>, tessera::but_got<tessera::Conservative<tessera::Expectile[^>]*> ?>
#include <tessera/algorithms/iql.hpp>
#include <tessera/critic/conservative.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct ConservativeV : recipes::Iql::with<critic<Conservative<Expectile>>> {};
#else
struct ConservativeV : recipes::Iql::with<critic<Conservative<ValueBackup, CurrentPolicy>>> {};
#endif

void run() { archetypes::use<ConservativeV>(); }
