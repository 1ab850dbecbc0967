#include <cctype>

#include <tessera/data/error.hpp>
#include <tessera/data/nearest_name.hpp>

#include "agent.hpp"

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
  // As papers write it: CQL, TD3+BC, discrete_iql.
  std::string plain = name;
  for (char& x : plain) x = x == '_' || x == '+' || x == ' ' ? '-' : char(std::tolower(static_cast<unsigned char>(x)));
  const auto near = nearest_name(plain, names);
  throw Error("unknown algorithm '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") +
              " (`tessera algorithms` lists all)");
}
}  // namespace tessera::cli
