#include <dlfcn.h>

#include <cstring>
#include <filesystem>

#include "front.hpp"

namespace fs = std::filesystem;

namespace tessera::cli {
namespace {
// Beside the tool, or where an installed tool has it.  Nowhere else: a library that a folder or a variable of somebody else's names is not run.
const Engine& open_engine() {
  std::error_code code;
  const auto folder = fs::read_symlink("/proc/self/exe", code).parent_path();
  std::string wrong = "it was built without libtorch";
  for (const auto& path : {folder / "libtessera_engine.so", folder / TESSERA_ENGINE_FOLDER / "libtessera_engine.so"}) {
    if (!fs::exists(path, code)) continue;
    // Global, as the BLAS is found among the symbols of all libraries.
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (library == nullptr) {
      const char* why = dlerror();
      wrong = path.string() + " cannot be loaded" + (why == nullptr ? "" : std::string(" (") + why + ")");
      continue;
    }
    const auto* found = static_cast<const Engine*>(dlsym(library, engine_symbol));
    if (found != nullptr && std::strcmp(found->version, TESSERA_VERSION) == 0) return *found;
    wrong = path.string() + " belongs to another version";
  }
  throw NoEngine("this tool cannot train or evaluate: " + wrong + "; build or install tessera and libtessera_engine.so together");
}
}  // namespace

const Engine& engine() {
  static const Engine& opened = open_engine();
  return opened;
}
}  // namespace tessera::cli
