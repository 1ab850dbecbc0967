// reject: composition_error<tessera::in<Choosy>, tessera::component<tessera::BestOf>, tessera::wants<tessera::slot<tessera::critic> ?>, tessera::which_is_empty, tessera::try_<tessera::PolicyBackup>
#include <tessera/algorithms/flow_bc.hpp>
#include <tessera/algorithms/ifql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Choosy : recipes::FlowBc::with<tessera::select<BestOf>> {};
#else
struct Choosy : recipes::Ifql {};
#endif

void run() { archetypes::use<Choosy>(); }
