#include "load.hpp"

#include <cmath>
#include <cstdint>

#include <tessera/data/untrusted.hpp>

#include "environments.hpp"
#include "interrupt.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace tessera::cli {
namespace {
ReadLimits limits_of(const Reading& reading, const std::string& what) {
  return {.bytes = std::uint64_t(std::llround(reading.memory_limit * 1e9)), .meanwhile = [what] {
            if (interrupted()) throw Interrupted("stopped while " + printable(what) + " was read; nothing was written");
          }};
}
}  // namespace

void read_environments(const Reading& reading) {
  IcuSepsisRequest::reader() = [reading](const std::string& path) {
    const auto limits = limits_of(reading, path);
    return reading.untrusted ? load_icu_sepsis_untrusted(path, {.read = limits}) : IcuSepsis(path, limits);
  };
}

Dataset load(const std::string& source, const Reading& reading) {
  const auto limits = limits_of(reading, source);
  auto data = reading.untrusted ? load_untrusted(source, {.read = limits}) : load_dataset(source, limits);
#ifdef __GLIBC__
  ::malloc_trim(0);  // what reading took is for training now
#endif
  return data;
}
}  // namespace tessera::cli
