// reject: composition_error<tessera::in<Steep>, tessera::component<tessera::MaximizeQ>, tessera::wants<tessera::want::reparameterized_policy>, tessera::but_got<tessera::DiffusionPolicy>, tessera::try_<tessera::BackpropThroughSteps<tessera::DiffusionPolicy>, tessera::OneStepPolicy>
#include <tessera/actor/maximize_q.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/constraint/matching_error.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/policy/diffusion.hpp>
#include <tessera/select/sample.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Chosen = DiffusionPolicy;
#else
using Chosen = BackpropThroughSteps<DiffusionPolicy>;
#endif
struct Steep : recipe<policy<Chosen>, critic<PolicyBackup>, actor<MaximizeQ>, constraint<MatchingError>,
                      tessera::select<Sample>> {};

void run() { archetypes::use<Steep>(); }
