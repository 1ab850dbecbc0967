#pragma once
#include <cstdlib>
#include <string>

namespace tessera {
/// The Python that is run where something is read or simulated by a library of Python's: what the environment variable
/// TESSERA_PYTHON names, or python3.
inline std::string python_program() {
  const char* given = std::getenv("TESSERA_PYTHON");
  return given != nullptr && *given != '\0' ? given : "python3";
}
}  // namespace tessera
