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
  add([](const std::string& path) {  // d3rlpy 2.1
    auto file = tessera::hdf5::File::create(path);
    file.write("num_episodes", std::vector<std::int64_t>{2}, {});
    for (const char* id : {"0", "1"}) {
      const auto key = [&](const char* name) { return name + std::string("_") + id; };
      file.write(key("observations"), std::vector<float>{0, 1, 2, 3}, {2, 2});
      file.write(key("actions"), std::vector<float>{0, 1}, {2, 1});
      file.write(key("rewards"), std::vector<float>{1, 2}, {2, 1});
      file.write(key("terminated"), std::vector<std::uint8_t>{1}, {});
    }
    file.close();
  });
  add([](const std::string& path) {  // robomimic
    auto file = tessera::hdf5::File::create(path);
    for (const std::string demo : {"data/demo_0/", "data/demo_10/"}) {
      file.write(demo + "obs/x", std::vector<float>{0, 1, 2, 3}, {2, 2});
      file.write(demo + "next_obs/x", std::vector<float>{2, 3, 4, 5}, {2, 2});
      file.write(demo + "actions", std::vector<float>{0, 1}, {2, 1});
      file.write(demo + "dones", std::vector<std::int64_t>{0, 1});
    }
    file.write_attribute("data", "env_args", "{\"env_name\": \"Lift\"}");
    file.close();
  });
  add([](const std::string& path) {
    support::hostile::packed_chunks(path, 1000, 1000, support::hostile::packed_zeros(4000));
  });
  return all;
}
