// reject: composition_error<tessera::in<MixedIql>, tessera::component<tessera::ValueBackup>, tessera::wants<tessera::want::same_action_space>, tessera::but_got<tessera::CategoricalPolicy, tessera::ValueBackup>
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MixedIql : recipes::Iql::with<policy<CategoricalPolicy>> {};
#else
struct MixedIql : recipes::Iql::with<policy<CategoricalPolicy>, critic<ValueBackup>> {};
#endif

void run() { archetypes::use<MixedIql>(); }
