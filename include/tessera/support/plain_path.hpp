#pragma once
#include <string>

namespace tessera {
/// A path without the slashes that a folder's may end with: "runs/", "runs//" -> "runs"; "/" stays.
inline std::string plain_path(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}
}  // namespace tessera
