#pragma once
#include <vector>

#include <tessera/cli/json.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/reflect/reflect.hpp>

namespace tessera::cli {
/// A hyper-parameter's value in the form of config.json (`is_setting`).
json json_of(const Parameter& p);
/// All hyper-parameters, by key.
json json_of(const std::vector<Parameter>& all);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/parameter_json.hpp>
#endif
