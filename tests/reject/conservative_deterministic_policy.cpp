// reject: composition_error<tessera::in<ConservativeTd3>, tessera::component<tessera::Conservative<tessera::SmoothedPolicyBackup[^>]*> ?>, tessera::wants<tessera::want::policy_to_press_by>, tessera::but_got<tessera::DeterministicPolicy>
#include <tessera/algorithms/td3.hpp>
#include <tessera/critic/conservative.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct ConservativeTd3 : recipes::Td3::with<critic<Conservative<SmoothedPolicyBackup>>> {};
#else
struct ConservativeTd3 : recipes::Td3::with<critic<Conservative<SmoothedPolicyBackup, CurrentPolicy>>> {};
#endif

void run() { archetypes::use<ConservativeTd3>(); }
