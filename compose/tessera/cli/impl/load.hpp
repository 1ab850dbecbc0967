#pragma once
#include <cmath>
#include <cstdint>

#include <tessera/cli/environment.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/sources/untrusted.hpp>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace tessera::cli {
namespace detail {
inline ReadLimits limits_of(const Reading& reading, const std::string& what) {
  return {.bytes = std::uint64_t(std::llround(reading.memory_limit * 1e9)), .meanwhile = [what] {
            if (interrupted()) throw Interrupted("stopped while " + printable(what) + " was read; nothing was written");
          }};
}
}  // namespace detail

TESSERA_CLI_INLINE void read_environments(const Reading& reading) {
  read_tasks({.limits = detail::limits_of(reading, "an environment's file"), .untrusted = reading.untrusted});
}

TESSERA_CLI_INLINE Dataset load(const std::string& source, const Reading& reading) {
  const auto limits = detail::limits_of(reading, source);
  auto data = reading.untrusted ? load_untrusted(source, {.read = limits}) : load_dataset(source, limits);
#ifdef __GLIBC__
  ::malloc_trim(0);  // leave the memory that reading took to training
#endif
  return data;
}
}  // namespace tessera::cli
