// reject: composition_error<tessera::in<DeterministicIql>, tessera::component<tessera::AdvantageWeighted>, tessera::wants<tessera::want::policy_with_log_prob>, tessera::but_got<tessera::DeterministicPolicy>, tessera::try_<tessera::GaussianPolicy, tessera::TanhGaussianPolicy, tessera::CategoricalPolicy>
#include <tessera/algorithms/iql.hpp>
#include <tessera/policy/deterministic.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct DeterministicIql : recipes::Iql::with<policy<DeterministicPolicy>> {};
#else
struct DeterministicIql : recipes::Iql {};
#endif

void run() { archetypes::use<DeterministicIql>(); }
