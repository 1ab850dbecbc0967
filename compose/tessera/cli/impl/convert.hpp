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
#include <tessera/io/store.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/write.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace detail {
inline bool appends(const ConvertCommand& c) { return c.append && is_store(c.out); }
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
  auto data = load(c.dataset, c.reading);
  if (c.episode_length != 0) data = cut_episodes(std::move(data), c.episode_length);
  declare_limits(data, c.action_low, c.action_high);
  for (const auto& name : c.repair) {
    const auto before = data.warnings.size();
    data = repaired(std::move(data), name);
    if (data.warnings.size() == before)
      data.warnings.push_back({"nothing-to-repair", "nothing is left that the repair " + name + " corrects"});
  }
  const auto say_data = [&](const std::string& name, const std::string& format) {
    fmt::print("{} ({}): {} transitions, {} episodes", printable(name), printable_name(format), data.size(),
               data.episodes.size());
  };
  if (interrupted()) throw Interrupted("stopped before anything was written");
  Losses lost;
  const bool appends = detail::appends(c);
  if (appends) StoreWriter(c.out).append_all(data);
  else lost = write_dataset(c.out, data, to);
  say_data(data.name, data.format), fmt::print(", content hash {}\n", hash_text(content_hash(data)));
  for (const auto& w : data.warnings) fmt::print("warning [{}]: {}\n", w.name, printable(w.message));
  fmt::print("{} ({}): {}\n", printable(c.out), find_writer(c.out, to).name, appends ? "appended" : "written");
  for (const auto& each : lost) fmt::print("not held [{}]: {}\n", each.name, printable(each.message));
  if (interrupted()) throw Interrupted(printable(c.out) + " is whole; stopped after that");
}
}  // namespace tessera::cli
