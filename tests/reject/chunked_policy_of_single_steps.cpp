// reject: composition_error<tessera::in<Chunks>, tessera::component<tessera::Chunked<tessera::OneStepPolicy>.*, tessera::wants<tessera::want::transitions_of_chunks>, tessera::but_got<tessera::ActionChunks>, tessera::try_<tessera::ChunkTransitions>
#include <tessera/algorithms/qc_fql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Source = ActionChunks;
#else
using Source = ChunkTransitions;
#endif
struct Chunks : recipes::QcFql::with<data<Source>> {};

void run() { archetypes::use<Chunks>(); }
