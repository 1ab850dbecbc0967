#pragma once
#include <tessera/cli/json.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/spaces.hpp>

namespace tessera::cli {
/// Names, bounds and labels: the keys that are known.  null stands for a bound that is infinite.  The names are UTF-8.
json spaces_json(const LogSpaces& spaces);
json task_json(const LogTask& task);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/spaces_json.hpp>
#endif
