#pragma once
#include <cmath>
#include <vector>

#include <tessera/cli/json.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/spaces.hpp>

namespace tessera::cli {
namespace detail {
inline json bounds_json(const std::vector<float>& bounds) {
  json out = json::array();
  for (const float x : bounds) out.push_back(std::isfinite(x) ? json(double(x)) : json(nullptr));
  return out;
}
}  // namespace detail

/// Names, bounds and labels: the keys that are known.  null stands for a bound that is infinite.  The names are UTF-8.
json spaces_json(const LogSpaces& spaces);
json task_json(const LogTask& task);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/spaces_json.hpp>
#endif
