// A zip archive: its directory, and every member of it.
#include "fuzz.hpp"

#include <cstdlib>

#include <tessera/io/zip.hpp>

#include "../helpers/npz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tessera::fuzz::File file(data, size);
  constexpr std::size_t max = 16 << 20;
  try {
    const tessera::ZipFile zip(file.path(), {.bytes = max});
    for (const auto& name : zip.names()) {
      if (zip.begin(name, 100).size() > 100) std::abort();
      try {
        if (zip.read(name).size() > max) std::abort();
      } catch (const tessera::Error&) {  // the others may be whole
      }
    }
  } catch (const tessera::Error& error) {
    tessera::fuzz::require_one_line(error.what());
  }
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  using support::zip;
  const std::string zeros(1000, '\0');
  return {zip({{"a.npy", "some text, some text"}, {"b", zeros}}), zip({{"a.npy", "some text"}, {"b", zeros}}, false),
          zip({}), zip({{"a", ""}})};
}
