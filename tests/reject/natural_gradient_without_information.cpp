// reject: composition_error<tessera::in<Point>, tessera::component<tessera::NaturalPolicyGradient>, tessera::wants<tessera::want::policy_with_fisher_information>, tessera::but_got<tessera::DeterministicPolicy>, tessera::try_<tessera::GaussianPolicy, tessera::StateDependentGaussianPolicy, tessera::CategoricalPolicy> ?>
#include <tessera/algorithms/morel_npg.hpp>
#include <tessera/policy/deterministic.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

// A point has no distribution to measure a step by.
#if TESSERA_REJECT
struct Point : recipes::MorelNpg::with<policy<DeterministicPolicy>> {};
#else
struct Point : recipes::MorelNpg {};
#endif

void run() { archetypes::use<Point>(); }
