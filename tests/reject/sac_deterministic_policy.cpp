// reject: composition_error<tessera::in<DeterministicSac>, tessera::component<tessera::SoftBackup>, tessera::wants<tessera::want::policy_with_own_log_prob>, tessera::but_got<tessera::DeterministicPolicy>, tessera::try_<tessera::TanhGaussianPolicy, tessera::CategoricalPolicy>
#include <tessera/algorithms/sac.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct DeterministicSac : recipes::Sac::with<policy<DeterministicPolicy>> {};
#else
struct DeterministicSac : recipes::Sac::with<policy<GaussianPolicy>> {};
#endif

void run() { archetypes::use<DeterministicSac>(); }
