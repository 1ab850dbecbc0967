// An HDF5 file, as `load_untrusted` reads it: whatever it makes libhdf5 do in the process that reads, this one gets a
// data set or an error.
#include "fuzz.hpp"

#include <cstdlib>

#include <tessera/sources/untrusted.hpp>

#include "../helpers/hostile_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tessera::fuzz::File file(data, size);
  try {
    const auto read =
        tessera::load_untrusted(file.path(), {.read = {.bytes = 16 << 20}, .seconds = 1, .memory = 256 << 20});
    if (read.size() < 1) std::abort();
  } catch (const tessera::Error& error) {
    tessera::fuzz::require_one_line(error.what());
  }
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  const tessera::hdf5::Quiet quiet;
  const support::Folder folder;
  std::vector<std::string> all;
  const auto add = [&](auto make) {
    make(folder / "seed.h5");
    all.push_back(support::bytes_of(folder / "seed.h5"));
  };
  add([](const std::string& path) { support::hostile::log(path, {}); });
  add([](const std::string& path) {
    support::FlatFile flat(40);
    flat.timeouts[19] = flat.terminals[39] = 1;
    flat.add_next();
    flat.write(path);
  });
  add([](const std::string& path) {
    support::FlatFile flat(40);
    flat.terminals[39] = flat.timeouts[39] = 1;
    flat.write(path, "episode_terminals");
  });
  add([](const std::string& path) {
    support::hostile::packed_chunks(path, 1000, 1000, support::hostile::packed_zeros(4000));
  });
  return all;
}
