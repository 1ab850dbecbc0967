#pragma once
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
}  // namespace tessera::cli
