// reject: composition_error<tessera::in<Steered>, tessera::component<tessera::SoftMaximizeNoiseQ>, tessera::wants<tessera::want::critic_of_noise>, tessera::but_got<tessera::PolicyBackup>, tessera::try_<tessera::LatentSoftBackup, tessera::NoiseAliasedBackup>
#include <tessera/algorithms/dsrl.hpp>
#include <tessera/critic/policy_backup.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Chosen = PolicyBackup;
#else
using Chosen = LatentSoftBackup;
#endif
struct Steered : recipes::Dsrl::with<critic<Chosen>> {};

void run() { archetypes::use<Steered>(); }
