#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <tessera/compose/ranges.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/synonyms.hpp>

namespace tessera {
namespace detail {
[[noreturn]] TESSERA_INLINE void bad_value(const Parameter& p, std::string_view text, const std::string& wanted) {
  bad_value(p.key, text, wanted);
}
// Parses a value and checks it against the parameter's range.
template <class T>
T read_number(const Parameter& p, std::string_view text, const char* kind) {
  std::optional<T> x;
  if constexpr (std::is_integral_v<T>) x = whole_number<T>(text);
  else x = real_number(text);
  if (!x) bad_value(p, text, kind);
  if (const auto wanted = range_broken(*p.about, *x); !wanted.empty()) bad_value(p, text, wanted);
  return *x;
}

struct to_text {
  std::string operator()(const double* x) const { return shortest_text(*x); }
  std::string operator()(const std::int64_t* x) const { return std::to_string(*x); }
  std::string operator()(const bool* x) const { return *x ? "true" : "false"; }
  std::string operator()(const Choice& c) const { return c.names[std::size_t(c.get(c.at))]; }
  std::string operator()(const std::vector<std::int64_t>* list) const {
    std::string out;
    for (auto x : *list) {
      if (!out.empty()) out += ',';
      out += std::to_string(x);
    }
    return out.empty() ? "none" : out;
  }
};
struct from_text {
  const Parameter& p;
  std::string_view text;

  void operator()(double* x) const { *x = read_number<double>(p, text, "a number"); }
  void operator()(std::int64_t* x) const { *x = read_number<std::int64_t>(p, text, "a whole number"); }
  void operator()(bool* x) const {
    if (text != "true" && text != "false") bad_value(p, text, "true or false");
    *x = text == "true";
  }
  void operator()(const Choice& c) const {
    std::string all;
    for (std::size_t i = 0; i < c.names.size(); ++i) {
      if (text == c.names[i]) return c.set(c.at, int(i));
      if (i > 0) all += ", ";
      all += c.names[i];
    }
    bad_value(p, text, "one of " + all);
  }
  void operator()(std::vector<std::int64_t>* list) const {
    std::vector<std::int64_t> out;
    for (std::size_t from = 0; text != "none" && from <= text.size();) {
      const auto comma = std::min(text.find(',', from), text.size());
      out.push_back(read_number<std::int64_t>(p, text.substr(from, comma - from),
                                              "a list of whole numbers such as 256,256, or none"));
      from = comma + 1;
    }
    *list = out;
  }
};
}  // namespace detail

TESSERA_INLINE std::string Parameter::text() const { return std::visit(detail::to_text{}, value); }
TESSERA_INLINE void Parameter::set(std::string_view text) const { std::visit(detail::from_text{*this, text}, value); }

TESSERA_INLINE void set_parameter(const std::vector<Parameter>& all, const std::string& key, std::string_view text) {
  std::vector<std::string> keys;
  for (const auto& p : all) {
    if (p.key == key) return p.set(text);
    keys.push_back(p.key);
  }
  std::string near;
  for (const auto& meant : meant_keys(key, keys)) {
    near += near.empty() ? "'" : " or '";
    near += meant;
    near += '\'';
  }
  throw Error("unknown parameter '" + key + "'" + (near.empty() ? "" : "; did you mean " + near + "?") +
              " (explain lists all)");
}
}  // namespace tessera
