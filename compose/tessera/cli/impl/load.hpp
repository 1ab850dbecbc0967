#pragma once
#include <cmath>
#include <cstdint>

#include <tessera/cli/environment.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/dataset/episodes_within.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/untrusted.hpp>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace tessera::cli {
TESSERA_CLI_INLINE ReadLimits reading_limits(const Reading& reading, const std::string& what) {
  return {.bytes = std::uint64_t(std::llround(reading.memory_limit * 1e9)), .meanwhile = [what] {
            if (interrupted()) throw Interrupted("stopped while " + printable(what) + " was read; nothing was written");
          }};
}

TESSERA_CLI_INLINE void read_environments(const Reading& reading) {
  read_tasks({.limits = reading_limits(reading, "an environment's file"), .untrusted = reading.untrusted});
}

TESSERA_CLI_INLINE Dataset load(const std::string& source, const Reading& reading, bool may_stay) {
  const auto limits = reading_limits(reading, source);
  auto data = reading.untrusted ? load_untrusted(source, {.read = limits})
              : may_stay        ? open_dataset(source, limits)
                                : load_dataset(source, limits);
  if (data.on_disk)
    say("data: {} transitions stay on the disk, and take at most {} of memory (--memory-limit)", data.size(),
        bytes_text(double(limits.for_request())));
#ifdef __GLIBC__
  ::malloc_trim(0);  // leave the memory that reading took to training
#endif
  return data;
}

TESSERA_CLI_INLINE Dataset in_memory(Dataset data, const Reading& reading) {
  if (!data.on_disk) return data;
  auto some = episodes_within(data, reading_limits(reading, data.name).for_request() / 4);
  if (some.size() < data.size())
    say("data: what is odd in them is looked for in {} of {} transitions, {} of {} episodes spread over the log",
        some.size(), data.size(), some.episodes.size(), data.episodes.size());
  return some;
}
}  // namespace tessera::cli
