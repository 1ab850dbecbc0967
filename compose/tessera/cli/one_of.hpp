#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <tessera/support/error.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
/// Throws an Error where the word given with a flag is none that it takes:
/// "--to: 'onx' is not one of json, onnx; did you mean 'onnx'?"
inline void require_one_of(const std::string& flag, const std::string& given, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), given) != names.end()) return;
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  const auto near = nearest_name(given, names);
  throw Error(flag + ": '" + printable_name(given) + "' is not one of " + all +
              (near.empty() ? "" : "; did you mean '" + near + "'?"));
}
}  // namespace tessera::cli
