#include <tessera/dataset/content_hash.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <tessera/sources/builtin.hpp>
#include <tessera/sources/load.hpp>

#include "helpers/files.hpp"

using namespace tessera;

TEST_CASE("the hash of a data set changes with any of its numbers", "[data][hash]") {
  using Changes = std::vector<std::function<void(Dataset&)>>;
  const Changes of_any = {
      [](Dataset& d) { d.observations[1234] += 1e-3f; },
      [](Dataset& d) { d.observations.back() = -d.observations.back(); },
      [](Dataset& d) { d.observation_row[7] = 3; },
      [](Dataset& d) { d.next_observation_row[7] = 3; },
      [](Dataset& d) { d.rewards[99] += 1; },
      [](Dataset& d) { std::swap(d.observation_row[5], d.observation_row[4]); },
      [](Dataset& d) { d.terminals[60] ^= 1; },
      [](Dataset& d) { d.timeouts[60] ^= 1; },
      [](Dataset& d) { std::swap(d.terminals, d.timeouts); },
      [](Dataset& d) { d.unknown_next.assign(std::size_t(d.size()), 0), d.unknown_next[60] = 1; },
      [](Dataset& d) { d.episodes[3].transitions -= 1; },
      [](Dataset& d) { d.episodes.pop_back(); },
  };
  const auto continuous = builtin_dataset("pendulum-mixed"), discrete = builtin_dataset("cartpole-mixed");
  std::set<std::uint64_t> seen{content_hash(continuous), content_hash(discrete),
                               content_hash(builtin_dataset("pendulum-mixed", 1))};
  CHECK(seen.size() == 3);
  const auto changed = [&](const Dataset& data, const Changes& changes) {
    for (std::size_t i = 0; i < changes.size(); ++i) {
      INFO("change " << i);
      auto other = data;
      changes[i](other);
      CHECK(seen.insert(content_hash(other)).second);
    }
  };
  changed(continuous, of_any);
  changed(discrete, of_any);
  changed(continuous,
          {[](Dataset& d) { d.actions[8] += 1e-3f; }, [](Dataset& d) { std::swap(d.rewards[5], d.rewards[4]); }});
  changed(discrete, {[](Dataset& d) { d.action_indices[8] ^= 1; }});
}

TEST_CASE("the hash of a data set is that of its content, whatever the file's path and layout", "[data][hash]") {
  const support::Folder folder;
  support::FlatFile rows(6);
  rows.terminals[2] = 1, rows.timeouts[5] = 1;
  rows.add_next();
  rows.write(folder / "a.h5");
  rows.write(folder / "b.h5");
  const auto a = load_dataset(folder / "a.h5"), b = load_dataset(folder / "b.h5");
  CHECK(a.name != b.name);
  CHECK(content_hash(a) == content_hash(b));
  rows.rewards[1] += 1;
  rows.write(folder / "c.h5");
  CHECK(content_hash(load_dataset(folder / "c.h5")) != content_hash(a));

  // Rows stored twice are the same content; limits that an environment declares are not content.
  auto apart = a;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    apart.next_observation_row[std::size_t(i)] = std::int64_t(apart.observations.size()) / 2;
    apart.observations.insert(apart.observations.end(), a.next_observation(i), a.next_observation(i) + 2);
  }
  apart.action_low = {-9}, apart.action_high = {9};
  CHECK(content_hash(apart) == content_hash(a));
}

TEST_CASE("a hash is written as 16 digits", "[data][hash]") {
  CHECK(hash_text(0) == "0000000000000000");
  CHECK(hash_text(0x0123456789abcdefu) == "0123456789abcdef");
  CHECK(hash_text(~std::uint64_t{0}) == "ffffffffffffffff");
}
