// Files that other software wrote, beside what that software reads in them.
#include <catch2/catch.hpp>
#include <string>

#include <tessera/sources/load.hpp>

#include "../helpers/expected.hpp"
#include "../helpers/files.hpp"

namespace {
void agrees(const std::string& name, const std::string& file, const support::ExpectedOptions& options = {}) {
  const auto expected = support::shared_file("formats/" + name + ".expected.json");
  if (expected.empty()) return;
  support::check_expected(tessera::load_dataset(support::shared_file("formats/" + file)), expected, options);
}
}  // namespace

TEST_CASE("files of D4RL's layout are read as D4RL reads them") {
  for (const std::string name : {"hopper-v2-full", "hopper-v1-no-next", "hopper-f64-n1-uint8",
                                 "hopper-float-flags-contiguous", "maze-style-goals"})
    agrees("d4rl/" + name, "d4rl/" + name + ".hdf5");
}
