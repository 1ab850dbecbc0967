// reject: composition_error<tessera::in<Steep>, tessera::component<tessera::MaximizeAverageQ>, tessera::wants<tessera::want::reparameterized_policy>, tessera::but_got<tessera::FlowPolicy>, tessera::try_<tessera::BackpropThroughSteps<tessera::FlowPolicy>, tessera::OneStepPolicy>
#include <tessera/algorithms/fbrac.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
using Chosen = FlowPolicy;
#else
using Chosen = BackpropThroughSteps<FlowPolicy>;
#endif
struct Steep : recipes::Fbrac::with<policy<Chosen>> {};

void run() { archetypes::use<Steep>(); }
