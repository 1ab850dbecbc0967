// reject: composition_error<tessera::in<LoggedPaths>, tessera::component<tessera::NaturalPolicyGradient>, tessera::wants<tessera::want::paths_of_the_policy>, tessera::but_got<tessera::Offline>, tessera::try_<tessera::ModelRollouts> ?>
#include <tessera/algorithms/awr.hpp>
#include <tessera/algorithms/morel_npg.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

// The gradient of a policy's return is an expectation over its own actions; over a log's it is another number.
#if TESSERA_REJECT
struct LoggedPaths : recipes::Awr::with<actor<NaturalPolicyGradient>> {};
#else
struct LoggedPaths : recipes::MorelNpg::with<value<ReturnRegression>> {};
#endif

void run() { archetypes::use<LoggedPaths>(); }
