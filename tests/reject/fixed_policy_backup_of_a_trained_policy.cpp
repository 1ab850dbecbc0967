// reject: composition_error<tessera::in<Judged>, tessera::component<tessera::FixedPolicyBackup>, tessera::wants<tessera::want::fixed_policy>, tessera::but_got<tessera::GaussianPolicy>, tessera::try_<tessera::FixedActions, tessera::FixedProbabilities ?> ?>
#include <tessera/algorithms/bc.hpp>
#include <tessera/critic/fixed_policy_backup.hpp>
#include <tessera/data/fixed_policy_transitions.hpp>
#include <tessera/select/no_selection.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Judged : recipes::Bc::with<critic<FixedPolicyBackup>, data<FixedPolicyTransitions>> {};
#else
struct Judged : recipe<policy<FixedActions>, critic<FixedPolicyBackup>, data<FixedPolicyTransitions>,
                       tessera::select<NoSelection>> {};
#endif

void run() { archetypes::use<Judged>(); }
