// reject: composition_error<tessera::in<Distilled>, tessera::component<tessera::Distillation>, tessera::wants<tessera::want::policy_of_one_step>, tessera::but_got<tessera::TanhGaussianPolicy>, tessera::try_<tessera::OneStepPolicy>
#include <tessera/actor/maximize_q.hpp>
#include <tessera/behavior/generator.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/constraint/distillation.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/policy/one_step.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/select/sample.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Chosen = TanhGaussianPolicy;
#else
using Chosen = OneStepPolicy;
#endif
struct Distilled : recipe<policy<Chosen>, behavior<Generator<FlowPolicy>>, critic<PolicyBackup>, actor<MaximizeQ>,
                          constraint<Distillation>, tessera::select<Sample>> {};

void run() { archetypes::use<Distilled>(); }
