// What the reading process sends: whoever has taken it over may send anything.
#include "fuzz.hpp"

#include <cstdlib>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/findings.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/io/dataset_stream.hpp>
#include <tessera/sources/untrusted.hpp>

#include "helpers/memory_stream.hpp"

using support::Memory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    Memory memory{tessera::fuzz::text_of(data, size)};
    const auto read = tessera::stream::read_dataset(memory, "x", tessera::MemoryBudget({.bytes = 16 << 20}, 0));
    // Whoever uses it may take all for granted: these look at every number of it.
    content_hash(read), findings(read), summarize(read);
  } catch (const tessera::Error& error) {
    tessera::fuzz::require_one_line(error.what());
  }
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  std::vector<std::string> all;
  for (const bool discrete : {false, true}) {
    tessera::FlatRows rows;
    rows.name = "a.h5", rows.format = "d4rl", rows.observation_size = 2, rows.action_size = 2;
    rows.kind = discrete ? tessera::action_kind::discrete : tessera::action_kind::continuous;
    for (int i = 0; i < 12; ++i) {
      rows.observations.insert(rows.observations.end(), {float(i), 0.5f});
      if (discrete) rows.action_indices.push_back(i % 2);
      else rows.actions.insert(rows.actions.end(), {0.25f, float(i)});
      rows.rewards.push_back(float(i)), rows.terminals.push_back(i == 11), rows.timeouts.push_back(i == 5);
    }
    Memory memory;
    tessera::stream::write_dataset(memory, assemble(std::move(rows)));
    all.push_back(memory.bytes);
  }
  return all;
}
