#include "helpers/hostile_files.hpp"

#include <chrono>
#include <regex>

#include <tessera/sources/load.hpp>

using support::error_of;

TEST_CASE("a file that was made to do harm is refused in one line, and at once", "[data][hostile]") {
  const support::Folder folder;
  for (const auto& file : support::hostile_files()) {
    const auto path = folder / file.name;
    {
      const tessera::hdf5::Quiet quiet;
      file.make(path);
    }
    const auto start = std::chrono::steady_clock::now();
    const auto error = error_of([&] { tessera::load_dataset(file.source(path)); });
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    CAPTURE(file.name, error, seconds);
    CHECK(std::regex_search(error, std::regex(file.refusal)));
    CHECK(error.starts_with(path));
    for (const char c : error) CHECK_FALSE((static_cast<unsigned char>(c) < 32 || c == 127));
    CHECK(seconds < 1);
  }
}
