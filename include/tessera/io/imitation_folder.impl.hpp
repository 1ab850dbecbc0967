#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/io/arrow_table.hpp>
#include <tessera/io/columns.hpp>
#include <tessera/io/data_folder.hpp>
#include <tessera/io/imitation_folder.hpp>
#include <tessera/io/tolerant_json.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
TESSERA_INLINE std::optional<float> constant_reward(const std::string& option) {
  float number = 0;
  const char* const end = option.data() + option.size();
  const auto read = std::from_chars(option.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

/// A column whose rows are lists, of one length or of several.
class ListColumn {
 public:
  ListColumn(const ArrowTable& table, const std::string& path, const std::string& name)
      : where_(printable(path) + ": column '" + name + "'"), column_(table.find(name)) {
    if (column_ == nullptr) {
      std::string names;
      for (std::size_t i = 0; i < std::min<std::size_t>(table.names.size(), 12); ++i)
        names += (i == 0 ? "" : ", ") + printable_name(table.names[i]);
      throw Error(where_ + " is missing (there are " + names +
                  "); only trajectories that the library imitation has "
                  "saved are read");
    }
    if (!column_->is_number() || (column_->shape.empty() && !column_->has_lists_of_different_lengths()))
      throw Error(where_ + " is " + column_->stored_as +
                  ", where lists of numbers are expected; only trajectories "
                  "that the library imitation has saved are read");
    if (std::any_of(column_->missing.begin(), column_->missing.end(), [](auto x) { return x != 0; }))
      throw Error(where_ + " lacks a value; remove that trajectory");
  }

  /// Numbers in an item of a list.
  std::int64_t width() const {
    if (column_->has_lists_of_different_lengths()) return column_->width();
    return column_->shape[0] == 0 ? 1 : column_->width() / column_->shape[0];
  }
  bool is_whole() const { return column_->type == ArrowColumn::kind::whole; }
  bool holds_lists() const { return column_->shape.size() > (column_->has_lists_of_different_lengths() ? 0u : 1u); }
  std::int64_t items(std::int64_t row) const {
    const auto i = static_cast<std::size_t>(row);
    return column_->has_lists_of_different_lengths() ? column_->first_item[i + 1] - column_->first_item[i]
                                                     : column_->shape[0];
  }
  /// f(value) for all numbers of a row.
  template <class F>
  void each(std::int64_t row, F f) const {
    const auto first = column_->has_lists_of_different_lengths() ? column_->first_item[static_cast<std::size_t>(row)]
                                                                 : row * column_->shape[0];
    const auto begin = static_cast<std::size_t>(first * width()),
               count = static_cast<std::size_t>(items(row) * width());
    for (std::size_t i = 0; i < count; ++i) f(column_->number(begin + i));
  }
  std::vector<float> numbers(std::int64_t row) const {
    std::vector<float> found;
    found.reserve(static_cast<std::size_t>(items(row) * width()));
    each(row, [&](double x) { found.push_back(static_cast<float>(x)); });
    return found;
  }
  const std::string& where() const { return where_; }

 private:
  std::string where_;
  const ArrowColumn* column_;
};
}  // namespace detail

TESSERA_INLINE bool is_imitation_folder(const std::string& path) {
  std::error_code code;
  return std::filesystem::exists(path + "/dataset_info.json", code) &&
         std::filesystem::exists(path + "/state.json", code);
}

TESSERA_INLINE Dataset read_imitation_folder(const std::string& given, std::optional<float> constant,
                                             const ReadLimits& limits) {
  const DataFolder folder(given);
  const auto state_path = folder.inside("state.json");
  const auto state = read_tolerant_json(state_path, limits);
  std::vector<std::string> paths;
  if (state.is_object() && state.contains("_data_files") && state["_data_files"].is_array())
    for (const auto& each : state["_data_files"])
      if (each.is_object() && each.contains("filename") && each["filename"].is_string())
        paths.push_back(folder.inside(each["filename"].get<std::string>()));
  if (paths.empty())
    throw Error(printable(state_path) + ": names no data file; the folder is incomplete: copy or download it again");

  // Of all files at once: a discrete action is known to exist when it occurs.
  std::vector<std::pair<std::string, ArrowTable>> tables;
  std::vector<std::string> columns = {"obs", "acts", "terminal"};
  if (!constant) columns.emplace_back("rews");
  read_arrow_tables(paths, columns, limits, [&](std::size_t which, ArrowTable table) {
    if (table.rows > 0) tables.emplace_back(paths[which], std::move(table));
  });
  if (tables.empty()) throw Error(printable(given) + ": has no trajectories; use a folder with data");
  struct Columns {
    detail::ListColumn obs, acts;
    std::optional<detail::ListColumn> rews;
  };
  std::vector<Columns> all;
  std::int64_t n = 0, d = 0, most = -1;
  bool discrete = true;
  for (const auto& [path, table] : tables) {
    if (!constant && table.find("rews") == nullptr &&
        std::find(table.names.begin(), table.names.end(), "acts") != table.names.end())
      throw Error(printable(path) +
                  ": has no rewards ('rews'); write ?reward=0 after the folder's name to learn from "
                  "the actions alone");
    all.push_back({detail::ListColumn(table, path, "obs"), detail::ListColumn(table, path, "acts"), std::nullopt});
    if (!constant) all.back().rews.emplace(table, path, "rews");
    const auto& [obs, acts, rews] = all.back();
    if (all.size() > 1 && (obs.width() != n || acts.width() != d))
      throw Error(obs.where() +
                  ": observations or actions have other sizes than in the files before; use the files of "
                  "one data set");
    n = obs.width(), d = acts.width();
    discrete = discrete && acts.is_whole() && !acts.holds_lists();
    for (std::int64_t row = 0; row < table.rows; ++row)
      acts.each(row, [&](double x) { most = std::max(most, static_cast<std::int64_t>(std::clamp(x, -1.0, 1e12))); });
  }
  if (discrete && (most < 0 || most >= flat_columns::max_actions))
    throw Error(all[0].acts.where() + ": holds the action index " + std::to_string(most) + ", outside 0 .. " +
                std::to_string(flat_columns::max_actions - 1) + "; correct the data set");
  EpisodeLog log(given, "imitation-folder", discrete ? action_kind::discrete : action_kind::continuous, n,
                 discrete ? most + 1 : d);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto& [path, table] = tables[i];
    const auto* terminal = table.find("terminal");
    if (terminal == nullptr || terminal->type != ArrowColumn::kind::flags || !terminal->shape.empty() ||
        terminal->has_lists_of_different_lengths())
      throw Error(printable(path) +
                  ": has no column 'terminal' that says of each trajectory whether the task ended; "
                  "only trajectories that the library imitation has saved are read");
    for (std::int64_t row = 0; row < table.rows; ++row) {
      const auto steps = all[i].acts.items(row);
      const auto where = printable(path) + ": trajectory " + std::to_string(row);
      if (all[i].obs.items(row) != steps + 1)
        throw Error(where + ": has " + std::to_string(all[i].obs.items(row)) + " observations and " +
                    std::to_string(steps) + " actions, where there is one observation more; correct the data set");
      const auto observations = all[i].obs.numbers(row);
      std::vector<float> actions, rewards(static_cast<std::size_t>(steps), constant.value_or(0));
      std::vector<std::int64_t> indices;
      if (discrete) all[i].acts.each(row, [&](double x) { indices.push_back(static_cast<std::int64_t>(x)); });
      else actions = all[i].acts.numbers(row);
      if (all[i].rews) rewards = all[i].rews->numbers(row);
      if (static_cast<std::int64_t>(rewards.size()) != steps)
        throw Error(where + ": has " + std::to_string(rewards.size()) + " rewards and " + std::to_string(steps) +
                    " actions; correct the data set");
      const bool ended = terminal->number(static_cast<std::size_t>(row)) != 0;
      log.add({.observations = observations,
               .actions = actions,
               .action_indices = indices,
               .rewards = rewards,
               .terminated = ended,
               .truncated = !ended});
    }
  }
  return log.finish();
}
}  // namespace tessera
