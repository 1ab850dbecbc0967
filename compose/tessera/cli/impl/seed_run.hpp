#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>

#include <tessera/cli/best_row.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/folder.hpp>
#include <tessera/cli/seed_run.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/train/checkpoint_header.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

TESSERA_CLI_INLINE std::string seed_folder(const std::string& out, std::uint64_t seed) {
  return fmt::format("{}/seed-{}", out, seed);
}

TESSERA_CLI_INLINE std::string setting_label(const std::string& setting) {
  const auto equals = setting.find('=');
  auto value = path_label(setting.substr(equals + 1));
  std::replace(value.begin(), value.end(), ',', 'x');
  return path_label(setting.substr(0, equals)) + "=" + value;
}

TESSERA_CLI_INLINE std::string run_name(const std::vector<std::string>& settings, std::uint64_t seed) {
  std::string out;
  for (const auto& setting : settings) out += setting_label(setting) + ",";
  return out + fmt::format("seed-{}", seed);
}

TESSERA_CLI_INLINE std::string hash_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  ByteHash hash;
  std::string some(1 << 16, '\0');
  while (in.read(some.data(), std::streamsize(some.size())), in.gcount() > 0)
    hash.add(some.data(), std::size_t(in.gcount()));
  return hash_text(hash.value());
}

TESSERA_CLI_INLINE const Row* SeedRun::last() const {
  return !rows.empty() && rows.back().return_mean ? &rows.back() : nullptr;
}
TESSERA_CLI_INLINE const Row* SeedRun::last_estimate() const {
  return !rows.empty() && rows.back().metric(estimate_column) ? &rows.back() : nullptr;
}
TESSERA_CLI_INLINE std::string SeedRun::setting() const {
  std::string out;
  for (const auto& each : settings) out += (out.empty() ? "" : " ") + each;
  return out;
}
TESSERA_CLI_INLINE std::string SeedRun::label() const {
  return settings.empty() ? fmt::format("seed {}", seed) : fmt::format("{} seed {}", setting(), seed);
}
TESSERA_CLI_INLINE std::string SeedRun::key() const {
  return settings.empty() ? std::to_string(seed) : run_name(settings, seed);
}

TESSERA_CLI_INLINE std::vector<std::uint64_t> seeds_of(const std::string& text) {
  constexpr std::size_t most = 1000;
  const auto wrong = [&](const std::string& why) { return Error("--seeds: '" + printable_name(text) + "' " + why); };
  std::vector<std::uint64_t> out;
  std::set<std::uint64_t> there;
  for (std::size_t from = 0; from <= text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    const auto part = std::string_view(text).substr(from, comma - from);
    const auto colon = part.find(':');
    const auto first = whole_number<std::uint64_t>(part.substr(0, colon));
    const auto end = colon == std::string_view::npos ? first : whole_number<std::uint64_t>(part.substr(colon + 1));
    if (!first || !end)
      throw wrong("is not a list of seeds; give a range, such as 0:5 for 0 to 4, or seeds with commas between: 0,3,7");
    if (colon != std::string_view::npos && *end <= *first)
      throw wrong("has an empty range; its second number is the first that is not in it: 0:5 are the seeds 0 to 4");
    const auto count = colon == std::string_view::npos ? 1 : *end - *first;
    if (count > most - out.size()) throw wrong(fmt::format("are more than {} seeds; train them in parts", most));
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!there.insert(*first + i).second) throw wrong(fmt::format("has {} twice", *first + i));
      out.push_back(*first + i);
    }
    from = comma + 1;
  }
  return out;
}

TESSERA_CLI_INLINE std::vector<std::vector<std::string>> settings_of_grid(const std::vector<std::string>& grid) {
  constexpr std::size_t most = 1000;
  std::vector<std::vector<std::string>> out{{}};
  std::set<std::string> keys;
  for (const auto& text : grid) {
    const auto wrong = [&](const std::string& why) { return Error("--grid: '" + printable_name(text) + "' " + why); };
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      throw wrong("is not KEY=VALUE,VALUE,..., such as actor.beta=1,3,10");
    const auto key = text.substr(0, equals);
    if (!keys.insert(key).second)
      throw wrong("names " + printable_name(key) + " a second time; give one list of values");
    const auto values = split_at(text.substr(equals + 1), text.find(';') == std::string::npos ? ',' : ';');
    std::set<std::string> names;
    std::vector<std::vector<std::string>> all;
    for (const auto& value : values) {
      if (value.empty()) throw wrong("has an empty value; leave out a comma, or a semicolon");
      if (!names.insert(setting_label(key + "=" + value)).second)
        throw wrong("has " + printable_name(value) + " twice");
    }
    if (values.size() > most / out.size())
      throw wrong(fmt::format("makes more than {} settings; train them in parts", most));
    for (const auto& before : out)
      for (const auto& value : values) all.push_back(before), all.back().push_back(key + "=" + value);
    out = std::move(all);
  }
  return out;
}

TESSERA_CLI_INLINE std::vector<std::vector<std::string>> settings_of_group(
    const std::vector<std::string>& grid, const std::vector<std::vector<std::string>>& draws) {
  const auto combinations = settings_of_grid(grid);
  if (draws.empty()) return combinations;
  std::vector<std::vector<std::string>> out;
  for (const auto& combination : combinations)
    for (const auto& draw : draws) {
      out.push_back(combination);
      out.back().insert(out.back().end(), draw.begin(), draw.end());
    }
  return out;
}

TESSERA_CLI_INLINE std::vector<SeedRun> runs_of_group(const std::string& out, const SeedsConfig& config) {
  std::vector<SeedRun> runs;
  const auto all = settings_of_group(config.grid, config.draws);
  for (std::size_t group = 0; group < all.size(); ++group)
    for (const auto seed : seeds_of(config.seeds)) {
      runs.push_back({seed, out + "/" + run_name(all[group], seed)});
      runs.back().settings = all[group], runs.back().group = group;
    }
  return runs;
}

TESSERA_CLI_INLINE void SeedRun::look(const std::string& replaced, const TrainCommand& given) {
  saved = finished = false;
  const auto checkpoint = file_of(folder, "checkpoint.safetensors");
  std::error_code code;
  if (!fs::exists(checkpoint, code) || (!replaced.empty() && hash_of_file(checkpoint) == replaced)) return;
  config = RunFolder::config_of(folder);
  saved = true;
  updates = checkpoint_updates(checkpoint);
  rows = RunFolder::rows_of(folder, updates);
  const auto& c = config.command;
  const auto steps = given.has("--steps") ? given.steps : c.steps;
  const auto online = given.has("--online-steps") ? given.online.steps : c.online.steps;
  std::int64_t collected = 0;
  if (online > 0) {
    const auto metadata = checkpoint_metadata(checkpoint);
    const auto found = metadata.find("online_steps");
    if (found != metadata.end()) collected = whole_number<std::int64_t>(found->second).value_or(0);
    if (c.dataset.empty()) collected += c.online.random_steps;
  }
  auto command = c;
  if (given.has("--patience")) command.patience = given.patience;
  const bool made = online > 0 ? collected >= online : updates >= steps || stopped_early(command, rows);
  const auto *evaluated = last(), *judged = last_estimate();
  finished = made && (c.env.empty() || (evaluated != nullptr && evaluated->updates == updates)) &&
             (c.follow.every == 0 || (judged != nullptr && judged->updates == updates));
}

TESSERA_CLI_INLINE bool holds_grid(const std::string& folder) {
  const auto config = small_file(file_of(folder, "config.json"));
  return config && is_seeds_config(*config) && has_grid(*config);
}

TESSERA_CLI_INLINE bool holds_seeds(const std::string& folder) {
  const auto config = small_file(file_of(folder, "config.json"));
  return config && is_seeds_config(*config);
}
}  // namespace tessera::cli
