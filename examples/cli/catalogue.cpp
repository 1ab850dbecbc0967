#include <tessera/data/error.hpp>
#include <tessera/data/synonyms.hpp>

#include "catalogue.hpp"

namespace tessera::cli {
std::map<std::string, Algorithm>& catalogue() {
  static std::map<std::string, Algorithm> all;  // a function's static: filled by other files' initialisers
  return all;
}

const Algorithm& algorithm(const std::string& name) {
  const auto found = catalogue().find(name);
  if (found != catalogue().end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, a] : catalogue()) names.push_back(known);
  const auto near = meant_algorithm(name, names);
  throw Error("unknown algorithm '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") +
              " (`tessera algorithms` lists all)");
}

Settings settings(const std::vector<std::string>& set) {
  Settings out;
  for (const auto& s : set) {
    const auto equal = s.find('=');
    if (equal == std::string::npos || equal == 0) throw Error("--set takes KEY=VALUE, such as actor.beta=3, not '" + s + "'");
    out.emplace_back(s.substr(0, equal), s.substr(equal + 1));
  }
  return out;
}
}  // namespace tessera::cli
