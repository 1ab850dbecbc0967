#pragma once
#include <fmt/format.h>

#include <string>

#include <tessera/cli/json.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
namespace detail {
inline const char* origin_name(limits_origin from) {
  switch (from) {
    case limits_origin::file:
      return "file";
    case limits_origin::environment:
      return "environment";
    case limits_origin::user:
      return "user";
    default:
      return "seen";
  }
}
}  // namespace detail

/// Throws an Error unless the two flags together are valid action limits.
void require_limits(const std::string& low, const std::string& high);
/// The action limits given by --action-low and --action-high: "A" for all dimensions, or "A,B,..." one for each; empty:
/// not given.
void declare_limits(Dataset& data, const std::string& low, const std::string& high);

/// "[-1, 1] (seen in the data)", with advice if they were only taken from the data; empty for discrete actions.
std::string limits_text(const Dataset& data);

/// The limits and their origin, printed, and in the form of config.json; null for discrete actions.
json describe_limits(const Dataset& data);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/limits.hpp>
#endif
