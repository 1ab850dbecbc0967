#pragma once
#include <string>
#include <string_view>

namespace tessera {
namespace detail {
template <class T>
constexpr std::string_view spelled() {
  // "... spelled() [with T = tessera::X; ...]" on GCC, "... spelled() [T = tessera::X]" on Clang.
  const std::string_view all = __PRETTY_FUNCTION__;
  const auto from = all.find("T = ") + 4;
  return all.substr(from, all.find_first_of(";]", from) - from);
}
}  // namespace detail

/// A type's name as it is written where it is defined, without namespaces: "Td3Bc".
template <class T>
constexpr std::string_view type_name() {
  const std::string_view full = detail::spelled<T>();
  const auto colon = full.substr(0, full.find('<')).rfind(':');
  return colon == std::string_view::npos ? full : full.substr(colon + 1);
}

/// A part's name with its arguments, as one writes it inside the namespace: "Lagrange<Conservative<SoftBackup>>".
template <class T>
std::string part_name() {
  std::string out;
  std::size_t word = 0;  // where the identifier at hand began
  for (const char c : detail::spelled<T>()) {
    if (c == ':') {
      out.resize(word);  // it was a namespace
    } else if (c == ' ') {
      if (out.back() == ',') out += c;  // GCC parts closing brackets by a space
    } else {
      out += c;
    }
    if (c == '<' || c == '>' || c == ',' || c == ' ') word = out.size();
  }
  return out;
}

/// A name in kebab case, as on the command line: "Td3Bc" is "td3-bc".
inline std::string kebab_case(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool upper = name[i] >= 'A' && name[i] <= 'Z';
    if (upper && i > 0) out += '-';
    out += upper ? char(name[i] - 'A' + 'a') : name[i];
  }
  return out;
}
}  // namespace tessera
