#pragma once
// A fuzz target is a file tests/fuzz/NAME.cpp that defines the two functions below.  Its first lines may say what it
// needs:
//   // links: tessera::data        libraries (this is what it links where nothing is said)
//   // sources: ../support/x.cpp   further sources, relative to tests/fuzz
// As a test, `fuzz.NAME`, it runs over tests/fuzz/regressions/NAME/* and some seconds of mutations of its seeds that
// are the same every time; `tests/fuzz/run.sh MINUTES [NAME]` gives it to libFuzzer, with the address and
// undefined-behavior sanitizers.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

/// One input; whatever it is, the program must neither crash, nor hang, nor let pass what its checks should have
/// caught.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tessera::fuzz {
/// Good inputs, from which others are made; at least one.
std::vector<std::string> seeds();

/// An input as a file, for as long as it lives; in memory where the system has a place for that.
class File {
 public:
  File(const std::uint8_t* data, std::size_t size)
      : path_((::access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : "/tmp/") + std::string("tessera-fuzz-") +
              std::to_string(::getpid())) {
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    if (!file || std::fwrite(data, 1, size, file) != size || std::fclose(file) != 0) std::exit(3);
  }
  ~File() { std::remove(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Ends the program where a message, as it reaches the terminal, is not one line.
inline void require_one_line(const std::string& message) {
  const auto shown = printable(message);
  if (shown.empty() || shown.find('\n') != std::string::npos) std::abort();
}

/// What a target expects of the program.
inline void require(bool holds) {
  if (!holds) std::abort();
}
/// Whether it was done; else it was refused in one line.
template <class F>
bool done(F f) {
  try {
    f();
    return true;
  } catch (const Error& error) {
    require_one_line(error.what());
    return false;
  }
}

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return std::string(reinterpret_cast<const char*>(data), size);
}
}  // namespace tessera::fuzz
