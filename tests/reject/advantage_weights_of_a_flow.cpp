// reject: composition_error<tessera::in<FlowAwr>, tessera::component<tessera::AdvantageWeighted>, tessera::wants<tessera::want::policy_with_log_prob>, tessera::but_got<tessera::FlowPolicy>, tessera::try_<tessera::MatchFlow, tessera::AdvantageWeightedFlow>
#include <tessera/actor/match_flow.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/select/sample.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct FlowAwr : recipes::Iql::with<policy<FlowPolicy>, tessera::select<Sample>> {};
#else
struct FlowAwr : recipes::Iql::with<policy<FlowPolicy>, actor<AdvantageWeightedFlow>, tessera::select<Sample>> {};
#endif

void run() { archetypes::use<FlowAwr>(); }
