#pragma once
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include <tessera/data/printable.hpp>

namespace tessera::cli {
using json = nlohmann::ordered_json;

/// One line of JSON, in which nothing commands a terminal: where it would, all but ASCII is escaped.
inline std::string line_of(const json& value) {
  const auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return printable(text, std::numeric_limits<std::size_t>::max()) == text ? text : value.dump(-1, ' ', true, json::error_handler_t::replace);
}
}  // namespace tessera::cli
