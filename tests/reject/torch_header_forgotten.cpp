// reject: static assertion failed.*include <tessera/torch.hpp> to train
#include <tessera/algorithms/iql.hpp>
#include <tessera/critic/conservative.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

struct Mine : recipes::Iql::with<critic<Conservative<ValueBackup>>> {};

#if TESSERA_REJECT
void run() { learner<Mine> agent(1); }
#else
void run() { archetypes::use<Mine>(); }
#endif
