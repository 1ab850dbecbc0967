// reject: composition_error<tessera::in<Chunks>, tessera::component<tessera::ChunkTransitions>, tessera::wants<tessera::want::policy_of_chunks>, tessera::but_got<tessera::OneStepPolicy>, tessera::try_<tessera::Chunked<tessera::OneStepPolicy>
#include <tessera/algorithms/qc_fql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Chosen = OneStepPolicy;
#else
using Chosen = Chunked<OneStepPolicy>;
#endif
struct Chunks : recipes::QcFql::with<policy<Chosen>> {};

void run() { archetypes::use<Chunks>(); }
