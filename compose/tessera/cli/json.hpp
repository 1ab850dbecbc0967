#pragma once
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include <tessera/support/printable.hpp>
#include <tessera/support/shortest_text.hpp>

namespace tessera::cli {
using json = nlohmann::ordered_json;

/// One line of JSON that cannot control a terminal: if it could, everything but ASCII is escaped.
inline std::string line_of(const json& value) {
  const auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return printable(text, std::numeric_limits<std::size_t>::max()) == text
             ? text
             : value.dump(-1, ' ', true, json::error_handler_t::replace);
}

/// Whether a value is a valid hyper-parameter in config.json: a number, a boolean, a choice or a list of integers, each
/// in its own type; null for NaN, which some may be.  Earlier versions wrote all of them as text.
inline bool is_setting(const json& value) {
  if (!value.is_array()) return !value.is_object() && !value.is_discarded();
  return std::all_of(value.begin(), value.end(), [](const json& x) { return x.is_number_integer(); });
}
/// The value as text for --set.
inline std::string setting_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "nan";
  if (value.is_number_float()) return shortest_text(value.get<double>());
  if (!value.is_array()) return value.dump();
  std::string all;
  for (const auto& x : value) all += (all.empty() ? "" : ",") + x.dump();
  return all.empty() ? "none" : all;
}
}  // namespace tessera::cli
