// reject: composition_error<tessera::in<Steps>, tessera::component<tessera::ActionChunks>, tessera::brings_columns, tessera::which_nobody_reads, tessera::try_<tessera::Offline>
#include <tessera/algorithms/iql.hpp>
#include <tessera/data/action_chunks.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Source = ActionChunks;
#else
using Source = Offline;
#endif
struct Steps : recipes::Iql::with<data<Source>> {};

void run() { archetypes::use<Steps>(); }
