#pragma once
#include <fmt/format.h>

#include <string>

#include <tessera/cli/json.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
/// Throws Error unless the two flags, together, are limits of some action.
void require_limits(const std::string& low, const std::string& high);
/// Limits of actions as --action-low and --action-high give them: "A" for all dimensions, or "A,B,..." one for each;
/// empty: not given.
void declare_limits(Dataset& data, const std::string& low, const std::string& high);

/// "[-1, 1] (seen in the data)", with what to do where they were only seen; empty for discrete actions.
std::string limits_text(const Dataset& data);

/// The limits and where they came from, said and as config.json has them; null for discrete actions.
json describe_limits(const Dataset& data);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/limits.hpp>
#endif
