// reject: composition_error<tessera::in<Chunks>, tessera::component<tessera::ChunkTransitions>, tessera::wants<tessera::want::part_of_chunks>, tessera::but_got<tessera::AveragePolicyBackup>, tessera::try_<tessera::ChunkBackup<tessera::AveragePolicyBackup>
#include <tessera/algorithms/qc_fql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Backup = AveragePolicyBackup;
#else
using Backup = ChunkBackup<AveragePolicyBackup>;
#endif
struct Chunks : recipes::QcFql::with<critic<Backup>> {};

void run() { archetypes::use<Chunks>(); }
