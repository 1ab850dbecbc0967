#pragma once
#include <tessera/train/exported.hpp>

namespace tessera {
/// Sets the noise of an exported policy to what the learner's own `act(observation)` draws, which is the same in every
/// call: the policy is then a function of the observation, and equal to that one.  Does nothing where it takes none.
void fix_noise_as_act(ExportedPolicy& policy);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/exported_noise.impl.hpp>
#endif
