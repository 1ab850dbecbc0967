#pragma once

namespace tessera::stage {
/// A critic of noise is fitted to the critic of actions.
struct noise_critic {
  static constexpr const char* name = "noise_critic";
};
}  // namespace tessera::stage
