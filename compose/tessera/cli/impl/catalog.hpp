#pragma once
#include <tessera/cli/catalog.hpp>
#include <tessera/cli/registration.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/synonyms.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE std::map<std::string, AlgorithmEntry>& catalog() {
  static std::map<std::string, AlgorithmEntry> all;  // local static: filled by initializers of other files
  return all;
}

TESSERA_CLI_INLINE void add_algorithm(AlgorithmEntry entry) {
  const auto name = entry.name;
  if (!catalog().emplace(name, std::move(entry)).second) registered_twice("algorithm", name);
}

TESSERA_CLI_INLINE const AlgorithmEntry& algorithm(const std::string& name) {
  const auto found = catalog().find(name);
  if (found != catalog().end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, a] : catalog()) names.push_back(known);
  const auto near = meant_algorithm(name, names);
  throw Error("unknown algorithm '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") + " (`" +
              program_name() + " algorithms` lists all)");
}

TESSERA_CLI_INLINE Settings settings(const std::vector<std::string>& set) {
  Settings out;
  for (const auto& s : set) {
    const auto equal = s.find('=');
    if (equal == std::string::npos || equal == 0)
      throw Error("--set takes KEY=VALUE, such as actor.beta=3, not '" + s + "'");
    out.emplace_back(s.substr(0, equal), s.substr(equal + 1));
  }
  return out;
}
}  // namespace tessera::cli
