// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::Conservative<tessera::Conservative<tessera::PolicyBackup[^>]*>[^>]*> ?>, tessera::around_itself> ?
// lines: 100, of which most are Clang's warnings that the inner hyper-parameters cannot be reached
#include <tessera/algorithms/awac.hpp>
#include <tessera/critic/conservative.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Awac::with<critic<Conservative<Conservative<PolicyBackup>>>> {};
#else
struct Mine : recipes::Awac::with<critic<Conservative<PolicyBackup>>> {};
#endif

void run() { archetypes::use<Mine>(); }
