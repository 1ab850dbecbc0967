// reject: composition_error<tessera::in<Mine>, tessera::calling_train, tessera::wants<tessera::want::batches_of_a_log_alone>, tessera::but_got<tessera::OfflineAndOnline>, tessera::try_<tessera::calling_train_online, tessera::Offline> ?>
#include <tessera/algorithms/rlpd.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Rlpd {};
#else
struct Mine : recipes::Rlpd::with<data<Offline>> {};
#endif

void run() { archetypes::use<Mine>(); }
// What `train` asserts first.
static_assert(log_alone_report<Mine>::size > 0);
