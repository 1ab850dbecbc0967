// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::Calibrated<tessera::SoftBackup> ?>, tessera::wants<tessera::want::transitions_with_returns>, tessera::but_got<tessera::ModelAugmented>, tessera::try_<tessera::Offline, tessera::ModelRollouts> ?>
#include <tessera/algorithms/cal_ql.hpp>
#include <tessera/algorithms/combo.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Combo::with<critic<Calibrated<SoftBackup>>> {};
#else
struct Mine : recipes::CalQl {};
#endif

void run() { archetypes::use<Mine>(); }
