#pragma once
#include <dlfcn.h>

#include <cstring>
#include <filesystem>

#include <tessera/cli/engine.hpp>
#include <tessera/version.hpp>

namespace tessera::cli {
// Next to the program, or where an installed program has it.  Nowhere else: a library that a folder or an environment
// variable of somebody else names is not run.
TESSERA_CLI_INLINE const Engine& open_engine(const std::string& library, const std::string& installed_folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  const auto folder = fs::read_symlink("/proc/self/exe", code).parent_path();
  std::string wrong = "it was built without libtorch";
  for (const auto& path : {folder / library, folder / installed_folder / library}) {
    if (!fs::exists(path, code)) continue;
    // Global, because the BLAS is looked up among the symbols of all libraries.
    void* opened = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (opened == nullptr) {
      const char* why = dlerror();
      wrong = path.string() + " cannot be loaded" + (why == nullptr ? "" : std::string(" (") + why + ")");
      continue;
    }
    const auto engine = reinterpret_cast<const Engine* (*)()>(dlsym(opened, engine_symbol));
    if (engine != nullptr && std::strcmp(engine()->version, library_version) == 0) return *engine();
    wrong = path.string() + " belongs to another version";
  }
  throw NoEngine("this tool cannot train or evaluate: " + wrong + "; build or install " + program_name() + " and " +
                 library + " together");
}
}  // namespace tessera::cli
