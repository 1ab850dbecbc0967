#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/io/regular_file.hpp>
#include <tessera/io/tolerant_json.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
// What is no list in a list of lists.  The parser bounds the nesting.
template <class F>
void each_value(const nlohmann::ordered_json& value, F f) {
  if (!value.is_array()) return f(value);
  for (const auto& each : value) each_value(each, f);
}
}  // namespace detail

TESSERA_INLINE nlohmann::ordered_json parse_tolerant_json(std::string_view text, const std::string& about) {
  constexpr std::size_t deepest = 64, most_entries = 4096;
  const auto refuse = [&](const std::string& what) {
    throw Error(about + ": is not the JSON of a data set (" + what + "); it may be damaged: copy or download it again");
  };
  // The structure of a text whose syntax is checked below; this pass only has to see where strings begin and end.
  std::string plain;
  plain.reserve(text.size() + 64);
  std::vector<std::size_t> entries;  // commas in each of the objects and lists that are open
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      auto end = at + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
      plain.append(text.substr(at, end - at));
      at = end;
      continue;
    }
    bool constant = false;
    for (const std::string_view word : {"-Infinity", "Infinity", "NaN"})
      if (text.substr(at).starts_with(word)) {
        plain.append(1, '"').append(word).append(1, '"');
        at += word.size(), constant = true;
        break;
      }
    if (constant) continue;
    if (c == '{' || c == '[') {
      entries.push_back(c == '{' ? 0 : std::numeric_limits<std::size_t>::max());
      if (entries.size() > deepest) refuse("it is nested more than " + std::to_string(deepest) + " deep");
    } else if ((c == '}' || c == ']') && !entries.empty()) {
      entries.pop_back();
    } else if (c == ',' && !entries.empty() && entries.back() != std::numeric_limits<std::size_t>::max()) {
      if (++entries.back() >= most_entries)
        refuse("an object has more than " + std::to_string(most_entries) + " entries");
    }
    plain.push_back(c);
    ++at;
  }
  try {
    return nlohmann::ordered_json::parse(plain);
  } catch (const nlohmann::json::exception& error) {
    const std::string why = error.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const auto bracket = why.find("] ");
    refuse(printable(why.substr(bracket == std::string::npos ? 0 : bracket + 2), 256));
  }
  return {};
}

TESSERA_INLINE std::string read_json_text(const std::string& path, const ReadLimits& limits) {
  constexpr std::uint64_t longest = std::uint64_t{32} << 20;
  const RegularFile file(path, "a JSON file");
  if (file.size() > longest)
    throw Error(file.path() + ": has " + bytes_text(static_cast<double>(file.size())) + ", and at most " +
                bytes_text(static_cast<double>(longest)) + " are read; check that it belongs to the data set");
  // A value of two characters takes 16 bytes.
  MemoryBudget(limits, file.size()).take(file.path(), 10 * static_cast<double>(file.size()));
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  text.resize(file.read(0, text.data(), text.size()));
  return text;
}

TESSERA_INLINE nlohmann::ordered_json read_tolerant_json(const std::string& path, const ReadLimits& limits) {
  return parse_tolerant_json(read_json_text(path, limits), printable(path));
}

TESSERA_INLINE double number_of(const nlohmann::ordered_json& value, double otherwise) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (!value.is_string()) return otherwise;
  const auto& text = value.get_ref<const std::string&>();
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (text == "Infinity") return infinite;
  if (text == "-Infinity") return -infinite;
  return text == "NaN" ? std::numeric_limits<double>::quiet_NaN() : otherwise;
}

TESSERA_INLINE std::int64_t whole_of(const nlohmann::ordered_json& value, std::int64_t otherwise) {
  if (value.is_number_unsigned()) {
    const auto x = value.get<std::uint64_t>();
    return x <= std::uint64_t(std::numeric_limits<std::int64_t>::max()) ? static_cast<std::int64_t>(x) : otherwise;
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_number_float()) return otherwise;
  const double x = value.get<double>();
  return std::floor(x) == x && std::abs(x) < 9e15 ? static_cast<std::int64_t>(x) : otherwise;
}

TESSERA_INLINE std::vector<std::int64_t> whole_numbers_of(const nlohmann::ordered_json* value) {
  std::vector<std::int64_t> found;
  if (value != nullptr)
    detail::each_value(*value, [&](const nlohmann::ordered_json& each) { found.push_back(whole_of(each, -1)); });
  return found;
}

TESSERA_INLINE std::vector<double> numbers_of(const nlohmann::ordered_json* value, double otherwise) {
  std::vector<double> found;
  if (value != nullptr)
    detail::each_value(*value, [&](const nlohmann::ordered_json& x) { found.push_back(number_of(x, otherwise)); });
  return found;
}

TESSERA_INLINE const nlohmann::ordered_json* entry_of(const nlohmann::ordered_json& object, const std::string& key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}
}  // namespace tessera
