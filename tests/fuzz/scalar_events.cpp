// Event files of TensorBoard: the bytes of a file, and those of an event whose checks are right.
#include "fuzz.hpp"

#include <cstdlib>

#include <tessera/io/scalar_events.hpp>

namespace {
using namespace tessera;

using tessera::fuzz::require;
// What was read begins where a record does, and reads the same once more as a file of these records alone.
void read(const std::string& bytes) {
  const auto found = read_scalar_events(bytes);
  require(found.end <= bytes.size() && found.begins.size() == found.events.size());
  std::string again;
  for (std::size_t i = 0; i < found.events.size(); ++i) {
    require(found.begins[i] < found.end && !found.events[i].scalars.empty());
    again += scalar_record(found.events[i]);
  }
  const auto same = read_scalar_events(again);
  require(same.end == again.size() && same.events.size() == found.events.size());
  for (std::size_t i = 0; i < found.events.size(); ++i)
    require(same.events[i].step == found.events[i].step &&
            same.events[i].scalars.size() == found.events[i].scalars.size());
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  read(text);
  read(event_record(text));
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  const auto one = scalar_record({1.5e9, 300, {{"critic/td", 0.25f}, {"seconds", 12.5f}}});
  return {version_record(1.5e9) + one, restart_record(1.5e9, 7) + one, one.substr(12, one.size() - 16)};
}
