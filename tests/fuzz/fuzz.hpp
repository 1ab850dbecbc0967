#pragma once
// A fuzz target is a file tests/fuzz/NAME.cpp that defines the two functions below.  Its first lines may say what it needs:
//   // links: tessera::data        libraries (this is what it links where nothing is said)
//   // sources: ../cli/x.cpp       further sources, relative to tests/fuzz
// As a test, `fuzz.NAME`, it runs over tests/fuzz/regressions/NAME/* and some seconds of mutations of its seeds that are the same every time;
// `tests/fuzz/run.sh MINUTES [NAME]` gives it to libFuzzer, with the address and undefined-behaviour sanitizers.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// One input; whatever it is, the program must neither crash, nor hang, nor let pass what its checks should have caught.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tessera::fuzz {
/// Good inputs, from which others are made; at least one.
std::vector<std::string> seeds();

inline std::string text_of(const std::uint8_t* data, std::size_t size) { return std::string(reinterpret_cast<const char*>(data), size); }
}  // namespace tessera::fuzz
