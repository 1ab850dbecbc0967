#pragma once
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/support/synonyms.hpp>

namespace tessera::detail {
TESSERA_INLINE std::string squeezed(const std::string& name) {
  std::string out;
  for (const char x : name)
    if (std::isalnum(static_cast<unsigned char>(x))) out += char(std::tolower(static_cast<unsigned char>(x)));
  return out;
}

TESSERA_INLINE std::string underscored(std::string name) {
  for (char& x : name) x = x == '-' ? '_' : char(std::tolower(static_cast<unsigned char>(x)));
  return name;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE std::vector<std::string> meant_keys(const std::string& given, const std::vector<std::string>& keys) {
  const std::string leaf = detail::underscored(given.substr(given.rfind('.') + 1));
  const auto first = given.find('.') == std::string::npos ? "" : given.substr(0, given.find('.') + 1);
  const auto ending_in = [&](const std::string& name) {
    std::vector<std::string> all, near;
    for (const auto& key : keys)
      if (key == name || key.ends_with("." + name))
        (!first.empty() && key.starts_with(first) ? near : all).push_back(key);
    return near.empty() ? all : near;
  };
  // A one-letter difference from another key is more likely a typo than another library's name.
  const auto near = nearest_name(given, keys);
  if (!near.empty() && edit_distance(given, near) <= 2 && leaf.size() > 3) return {near};
  auto meant = ending_in(leaf);
  for (const auto& [name, meaning] : detail::synonyms)
    if (leaf == name)
      for (const auto& key : ending_in(meaning))
        if (std::find(meant.begin(), meant.end(), key) == meant.end()) meant.push_back(key);
  if (!meant.empty()) return meant;
  for (const auto& [name, flag] : detail::flags)
    if (leaf == name) return {flag};
  return near.empty() ? std::vector<std::string>{} : std::vector{near};
}

TESSERA_INLINE std::string meant_algorithm(const std::string& given, const std::vector<std::string>& names) {
  const auto plain = detail::squeezed(given);
  for (const auto& name : names)
    if (detail::squeezed(name) == plain) return name;
  for (const auto& [other, name] : detail::algorithms)
    if (plain == other && std::find(names.begin(), names.end(), name) != names.end()) return name;
  std::string kebab = detail::underscored(given);
  std::replace(kebab.begin(), kebab.end(), '_', '-');
  return nearest_name(kebab, names);
}

TESSERA_INLINE std::string meant_flag(const std::string& given, const std::vector<std::string>& flags) {
  const auto plain = detail::underscored(given.substr(std::min(given.size(), given.find_first_not_of('-'))));
  for (const auto& flag : flags)
    if (detail::underscored(flag.substr(2)) == plain) return flag;
  for (const auto& [other, flag] : detail::flags)
    if (plain == other && std::find(flags.begin(), flags.end(), flag) != flags.end()) return flag;
  const auto near = nearest_name(given, flags);
  const auto letters = [](std::string name) { return std::sort(name.begin(), name.end()), name; };
  return !near.empty() && (edit_distance(given, near) <= std::max<std::size_t>(1, plain.size() / 3) ||
                           letters(given) == letters(near))
             ? near
             : "";
}
}  // namespace tessera
