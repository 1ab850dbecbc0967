#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/front.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/limits.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/cut_episodes.hpp>
#include <tessera/doctor/repairs.hpp>
#include <tessera/io/open_store.hpp>
#include <tessera/io/store.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/write.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/plain_path.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace detail {
inline bool appends(const ConvertCommand& c) { return c.append && is_store(c.out); }

// Whether the data go into a store piece by piece: with a limit on memory, where nothing needs all of them at once.
inline bool streams(const ConvertCommand& c) {
  const bool whole = c.reading.untrusted || c.episode_length != 0 || !c.repair.empty() || !c.action_low.empty() ||
                     !c.action_high.empty();
  return c.reading.memory_limit > 0 && !whole && !appends(c) && find_writer(c.out, {.to = c.to}).name == "store";
}
inline void say_data(const Dataset& named, const Dataset& data) {
  fmt::print("{} ({}): {} transitions, {} episodes, content hash {}\n", printable(named.name),
             printable_name(named.format), data.size(), data.episodes.size(), hash_text(content_hash(data)));
  for (const auto& w : named.warnings) fmt::print("warning [{}]: {}\n", w.name, printable(w.message));
}
inline void stream(const ConvertCommand& c) {
  const auto limits = reading_limits(c.reading, c.dataset);
  const auto rest = stream_to_store(c.out, c.dataset, limits, {.to = c.to, .overwrite = c.overwrite});
  say_data(rest, store_on_disk(plain_path(c.out), limits));
  fmt::print("{} (store): written\n", printable(c.out));
}
}  // namespace detail

TESSERA_CLI_INLINE void refuse(const ConvertCommand& c) {
  require_limits(c.action_low, c.action_high);
  require_dataset(c.dataset);
  if (c.append && c.overwrite) throw Error("--append keeps what --overwrite replaces; give one of them");
  if (c.append && find_writer(c.out, {.to = c.to}).name != "store")
    throw Error("--append: only a store can grow; name one, such as NAME.store, or leave it out");
  if (!detail::appends(c)) require_writable(c.out, {.to = c.to, .overwrite = c.overwrite});
  std::vector<std::string> names;
  for (const auto& each : repairs()) names.emplace_back(each.name);
  for (const auto& name : c.repair)
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      std::string all;
      for (const auto& each : names) all += (all.empty() ? "" : ", ") + each;
      const auto near = nearest_name(name, names);
      throw Error("--repair: there is no repair '" + printable_name(name) + "'" +
                  (near.empty() ? "" : "; did you mean '" + near + "'?") + "; there are " + all);
    }
}

TESSERA_CLI_INLINE void convert(const ConvertCommand& c) {
  const WriteOptions to{.to = c.to, .overwrite = c.overwrite};
  remember_signals();
  if (detail::streams(c)) return detail::stream(c);
  auto data = load(c.dataset, c.reading);
  if (c.episode_length != 0) data = cut_episodes(std::move(data), c.episode_length);
  declare_limits(data, c.action_low, c.action_high);
  for (const auto& name : c.repair) {
    const auto before = data.warnings.size();
    data = repaired(std::move(data), name);
    if (data.warnings.size() == before)
      data.warnings.push_back({"nothing-to-repair", "nothing is left that the repair " + name + " corrects"});
  }
  if (interrupted()) throw Interrupted("stopped before anything was written");
  Losses lost;
  const bool appends = detail::appends(c);
  if (appends) StoreWriter(c.out).append_all(data);
  else lost = write_dataset(c.out, data, to);
  detail::say_data(data, data);
  fmt::print("{} ({}): {}\n", printable(c.out), find_writer(c.out, to).name, appends ? "appended" : "written");
  for (const auto& each : lost) fmt::print("not held [{}]: {}\n", each.name, printable(each.message));
  if (interrupted()) throw Interrupted(printable(c.out) + " is whole; stopped after that");
}
}  // namespace tessera::cli
