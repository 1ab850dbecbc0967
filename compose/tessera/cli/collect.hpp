#pragma once
#include <tessera/cli/collect_commands.hpp>

namespace tessera::cli {
/// Lets trained policies act and writes what happens as a data set, in the layout of D4RL.
void collect(const CollectCommand& c);
/// Lets a trained policy act and draws what happens.
void rollout(const RolloutCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/collect.hpp>
#endif
