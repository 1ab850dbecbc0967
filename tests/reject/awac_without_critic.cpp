// reject: composition_error<tessera::in<AwacWithoutCritic>, tessera::component<tessera::PolicyMean>, tessera::wants<tessera::slot<tessera::critic> ?>, tessera::which_is_empty, tessera::try_<tessera::PolicyBackup>
#include <tessera/algorithms/awac.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct AwacWithoutCritic : recipe<policy<GaussianPolicy>, value<PolicyMean>, actor<SoftmaxAdvantageWeighted>> {};
#else
struct AwacWithoutCritic : recipes::Awac {};
#endif

void run() { archetypes::use<AwacWithoutCritic>(); }
