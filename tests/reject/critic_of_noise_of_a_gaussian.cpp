// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::NoiseAliasedBackup>, tessera::wants<tessera::want::policy_in_noise>, tessera::but_got<tessera::TanhGaussianPolicy>, tessera::try_<tessera::LatentPolicy>
#include <tessera/actor/soft_maximize_q.hpp>
#include <tessera/algorithms/dsrl.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Chosen = NoiseAliasedBackup;
#else
using Chosen = SoftBackup;
#endif
struct Mine : recipes::DsrlNoiseAliased::with<policy<TanhGaussianPolicy>, critic<Chosen>, actor<SoftMaximizeQ>> {};

void run() { archetypes::use<Mine>(); }
