// reject: composition_error<tessera::in<CategoricalTd3>, tessera::component<tessera::SmoothedPolicyBackup>, tessera::wants<tessera::want::continuous_policy>, tessera::but_got<tessera::CategoricalPolicy>, tessera::try_<tessera::DeterministicPolicy, tessera::GaussianPolicy>
#include <tessera/algorithms/td3.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct CategoricalTd3 : recipes::Td3::with<policy<CategoricalPolicy>> {};
#else
struct CategoricalTd3 : recipes::Td3::with<policy<GaussianPolicy>> {};
#endif

void run() { archetypes::use<CategoricalTd3>(); }
