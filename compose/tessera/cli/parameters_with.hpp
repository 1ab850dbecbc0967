#pragma once
#include <string>
#include <vector>

#include <tessera/cli/catalog.hpp>
#include <tessera/compose/ranges.hpp>
#include <tessera/reflect/reflect.hpp>

namespace tessera::cli {
/// A recipe's hyper-parameters with some of them set.
template <class R>
params_of<R> parameters_with(const Settings& settings) {
  params_of<R> p;
  const auto all = tessera::parameters<R>(p);
  for (const auto& [key, value] : settings) set_parameter(all, key, value);
  require_ranges<R>(p);
  return p;
}

/// The keys of all of them.
template <class R>
std::vector<std::string> parameter_keys() {
  params_of<R> p;
  std::vector<std::string> out;
  for (const auto& each : tessera::parameters<R>(p)) out.push_back(each.key);
  return out;
}
}  // namespace tessera::cli
