#pragma once
#include <algorithm>
#include <cstddef>
#include <string>

#include <tessera/cli/json.hpp>

namespace tessera::cli {
/// Readable JSON: one key per line, and a list of numbers on one line.
inline std::string pretty(const json& value, std::size_t depth = 0) {
  const auto nested = [](const json& x) { return x.is_structured() && !x.empty(); };
  if (!nested(value)) return value.dump();
  const bool in_one_line = value.is_array() && std::none_of(value.begin(), value.end(), nested);
  const auto line = [](std::size_t indent) { return "\n" + std::string(2 * indent, ' '); };
  std::string out = value.is_array() ? "[" : "{";
  bool first = true;
  for (const auto& [key, x] : value.items()) {
    if (!first) out += in_one_line ? ", " : ",";
    first = false;
    if (!in_one_line) out += line(depth + 1);
    if (value.is_object()) out += json(key).dump() + ": ";
    out += pretty(x, depth + 1);
  }
  if (!in_one_line) out += line(depth);
  return out + (value.is_array() ? "]" : "}");
}
}  // namespace tessera::cli
