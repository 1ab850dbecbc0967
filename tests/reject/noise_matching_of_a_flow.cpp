// reject: composition_error<tessera::in<Mixed>, tessera::component<tessera::MatchNoise>, tessera::wants<tessera::want::policy_that_denoises>, tessera::but_got<tessera::FlowPolicy>, tessera::try_<tessera::DiffusionPolicy>
#include <tessera/actor/match_noise.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/policy/diffusion.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/select/sample.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Chosen = FlowPolicy;
#else
using Chosen = DdimPolicy;
#endif
struct Mixed : recipe<policy<Chosen>, actor<MatchNoise>, tessera::select<Sample>> {};

void run() { archetypes::use<Mixed>(); }
