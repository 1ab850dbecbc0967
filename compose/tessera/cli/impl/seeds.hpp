#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/data_flags.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/folder.hpp>
#include <tessera/cli/front.hpp>
#include <tessera/cli/impl/group.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/cli/seed_run.hpp>
#include <tessera/cli/seeds.hpp>
#include <tessera/cli/seeds_report.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

TESSERA_CLI_INLINE std::vector<std::string> runs_in(const std::vector<std::string>& named) {
  std::vector<std::string> out;
  const auto clean = [](std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
  };
  for (const auto& given : named) {
    const auto name = clean(given);
    const fs::path path(name);
    std::error_code code;
    if (holds_seeds(name)) {
      const auto config = detail::seeds_config_of(name);
      for (const auto& run : runs_of_group(name, config)) {
        if (fs::exists(file_of(run.folder, "checkpoint.safetensors"), code)) out.push_back(run.folder);
        else say("{}: left out, it has no checkpoint yet", run.folder);
      }
    } else if (const auto folder = path.has_parent_path() ? path.parent_path().string() : std::string(".");
               fs::is_regular_file(path, code) && holds_seeds(folder) && !RunFolder::run_that_keeps(name)) {
      say("{}: left out, it is no run", name);
    } else {
      out.push_back(given);
    }
  }
  return out;
}

TESSERA_CLI_INLINE std::string seeds_in(const std::string& folder) { return detail::seeds_config_of(folder).seeds; }

TESSERA_CLI_INLINE void refuse_seeds(const TrainCommand& c) {
  if (!c.resume.empty()) {
    require_resumable(c);
    detail::seeds_config_of(c.resume);
    return;
  }
  if (c.has("--seed") && c.has("--seeds"))
    throw Error("--seed and --seeds are two ways to say which seeds there are; leave out one of them");
  const auto seeds = detail::seeds_of_command(c);
  const auto grid = settings_of_group(c.grid, c.draws);
  if (grid.size() * seeds.size() > 1000)
    throw Error(fmt::format("--grid and --seeds make {} runs, and 1000 is the most; train them in parts",
                            grid.size() * seeds.size()));
  for (const auto& [key, value] : settings(c.set))
    for (const auto& setting : grid.front())
      if (setting.starts_with(key + "=")) throw Error("--set and --grid both have " + key + "; leave out one of them");
  std::set<std::string> keys;
  for (const auto& setting : grid.front())
    if (const auto key = setting.substr(0, setting.find('=')); !keys.insert(key).second)
      throw Error("[grid] and [random] both have " + printable_name(key) + "; leave out one of them");
  auto one = c;
  one.out.clear();
  const bool of_several = !c.finetune.empty() && holds_seeds(c.finetune);
  if (of_several) {
    for (const auto seed : seeds) {
      one.finetune = seed_folder(c.finetune, seed);
      refuse(one);
    }
  } else {
    for (const auto& setting : grid) {
      one.set = c.set;
      one.set.insert(one.set.end(), setting.begin(), setting.end());
      refuse(one);
    }
  }
  if (!c.out.empty())
    detail::require_free_for(c.out, detail::names_of_group(seeds, grid), grid.size() > 1 || !grid.front().empty(),
                             c.overwrite);
}

TESSERA_CLI_INLINE int train_seeds(const SeedsCommand& command, const Program& program) {
  const auto& c = command.command;
  const bool resumed = !c.resume.empty();
  const auto began = std::chrono::steady_clock::now();
  remember_signals();

  SeedsConfig config;
  if (resumed) config = detail::seeds_config_of(c.resume);
  else
    config = {c.seeds.empty() ? std::to_string(c.seed) : c.seeds,
              c.finetune.empty() ? "train" : "finetune",
              c.finetune,
              command.flags,
              {},
              c.grid,
              c.draws};
  const auto seeds = seeds_of(config.seeds);
  const auto out = resumed ? c.resume : !c.out.empty() ? c.out : detail::default_seeds_folder(c, seeds);
  HeldFolder folder(out, detail::seeds_kind(), !resumed);
  if (resumed) config = detail::seeds_config_of(out);  // held: nobody changes it from now on
  else
    detail::require_free_for(out, detail::names_of_group(seeds, settings_of_group(c.grid, c.draws)),
                             !c.grid.empty() || !c.draws.empty(), c.overwrite);
  const auto before = small_file(folder.file("config.json"));
  detail::Group group(command, std::move(config), out);
  if (resumed)
    for (auto& run : group.runs) group.look(run);
  else group.replace_others();
  write_text(folder.file("config.json"), seeds_config_text(group.lasting()));

  std::optional<double> behavior;
  if (const auto text = resumed ? small_file(folder.file("result.json"), 1 << 22) : std::nullopt)
    behavior = behavior_in(*text);
  detail::Failures failures;
  detail::run_all(
      group, program, [&] { folder.leave(); }, behavior, failures);
  const bool saved = detail::look_at_all(group, failures);
  if (!saved && !resumed) {  // as if it had not been started
    if (before) write_text(folder.file("config.json"), *before);
    else std::remove(folder.file("config.json").c_str());
  }
  if (saved) report_runs(out, group.runs, behavior, detail::seconds_of(began));
  return detail::end_group(group, saved, resumed, failures, fmt::format("{} train --resume {}", program_name(), out));
}
}  // namespace tessera::cli
