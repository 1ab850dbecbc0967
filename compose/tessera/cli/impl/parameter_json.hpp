#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <variant>
#include <vector>

#include <tessera/cli/parameter_json.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE json json_of(const Parameter& p) {
  return std::visit(
      [&]<class T>(const T& value) -> json {
        if constexpr (std::is_same_v<T, double*>) return std::isnan(*value) ? json() : json(*value);
        else if constexpr (std::is_pointer_v<T>) return json(*value);
        else return json(p.text());
      },
      p.value);
}
TESSERA_CLI_INLINE json json_of(const std::vector<Parameter>& all) {
  json out = json::object();
  for (const auto& p : all) out[p.key] = json_of(p);
  return out;
}
}  // namespace tessera::cli
