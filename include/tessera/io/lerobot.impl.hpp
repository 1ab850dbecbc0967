#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/dataset/flat_rows.hpp>
#include <tessera/io/arrow_table.hpp>
#include <tessera/io/columns.hpp>
#include <tessera/io/data_folder.hpp>
#include <tessera/io/imitation_folder.hpp>
#include <tessera/io/lerobot.hpp>
#include <tessera/io/minari_space.hpp>
#include <tessera/io/tolerant_json.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>

namespace tessera {
namespace lerobot {
/// A feature of info.json as a part of an observation or an action.
struct Feature {
  std::string column;  ///< "observation.state"
  minari::SpacePart part;
  bool is_whole = false;           ///< whether the numbers are integers
  std::vector<std::string> names;  ///< of its numbers, or empty
};

TESSERA_INLINE Feature read_feature(const std::string& column, const std::string& name,
                                    const nlohmann::ordered_json& feature, const std::string& about) {
  Feature found;
  found.column = column;
  auto& part = found.part;
  part.name = part.stored = name, part.called = name_of_part(name);
  const auto* type = entry_of(feature, "dtype");
  const auto words = type != nullptr && type->is_string() ? type->get<std::string>() : "";
  part.words = printable_name(words);
  const bool number =
      words.starts_with("float") || words.starts_with("int") || words.starts_with("uint") || words == "bool";
  found.is_whole = number && !words.starts_with("float");
  if (!number) {
    part.why_not = words == "video" || words == "image" ? "is a picture" : "holds no numbers";
    return found;
  }
  const auto* shape = entry_of(feature, "shape");
  part.shape = whole_numbers_of(shape);
  if (minari::detail::product(part.shape) < 0 || part.shape.size() > 32)
    minari::detail::refuse_space(about, part,
                                 "a feature has the shape (" + list_text(part.shape, minari::detail::most_shown) + ")");
  part.type = minari::SpacePart::kind::box;
  // A list of names, or an object with one such list: {"motors": [...]}.
  const auto* names = entry_of(feature, "names");
  if (names != nullptr && names->is_object() && names->size() == 1) names = &names->begin().value();
  if (names != nullptr && names->is_array() && std::int64_t(names->size()) == part.stored_size() &&
      std::all_of(names->begin(), names->end(), [](const auto& each) { return each.is_string(); }))
    for (const auto& each : *names) found.names.push_back(each.template get<std::string>());
  return found;
}

/// Collects the rows of an episode, which may come in several tables, and gives them to the log.
class Episodes {
 public:
  Episodes(EpisodeLog& log, bool has_marks) : log_(log), has_marks_(has_marks) {}

  std::vector<float> observations, actions, rewards;
  std::vector<std::int64_t> indices;

  std::int64_t number = std::numeric_limits<std::int64_t>::min();  ///< of the episode
  std::int64_t frame = 0;                                          ///< that comes next in it
  std::int64_t episodes = 0, frames = 0;                           ///< that have been seen

  void end(bool terminated, bool truncated) {
    if (rewards.empty()) return;
    log_.add({.observations = observations,
              .actions = actions,
              .action_indices = indices,
              .rewards = rewards,
              .terminated = terminated,
              .truncated = truncated});
    observations.clear(), actions.clear(), rewards.clear(), indices.clear();
  }
  /// The rows of another episode follow, or none.
  void next(std::int64_t other, const std::string& where) {
    // Where nothing is marked, an episode is what was recorded; where ends are marked, one without was broken off.
    end(false, !has_marks_);
    if (!seen_.insert(other).second)
      throw Error(where + ": episode " + std::to_string(other) +
                  " has rows in two places; the data set is damaged: copy or download it again");
    number = other, frame = 0;
    ++episodes;
  }

 private:
  EpisodeLog& log_;
  bool has_marks_;
  std::set<std::int64_t> seen_;
};
}  // namespace lerobot

TESSERA_INLINE bool is_lerobot_folder(const std::string& path) {
  std::error_code code;
  return std::filesystem::exists(path + "/meta/info.json", code) && std::filesystem::is_directory(path + "/data", code);
}

TESSERA_INLINE Dataset read_lerobot(const std::string& given, const LeRobotOptions& options, const ReadLimits& limits) {
  const DataFolder folder(given);
  const auto info_path = folder.inside("meta/info.json"), about = printable(info_path);
  const auto info = read_tolerant_json(info_path, limits);
  const auto* features = entry_of(info, "features");
  if (features == nullptr || !features->is_object())
    throw Error(about + ": has no 'features'; it is not the description of a LeRobot data set: check the path");
  const auto* version = entry_of(info, "codebase_version");
  if (version != nullptr && version->is_string() && !version->get<std::string>().starts_with("v2") &&
      !version->get<std::string>().starts_with("v3"))
    throw Error(about + ": is of version " + printable_name(version->get<std::string>()) +
                ", and 2 and 3 are read; convert it with LeRobot's own program");

  // What the columns are.
  std::vector<lerobot::Feature> observed;
  std::vector<minari::SpacePart> parts;
  const std::string prefix = "observation.";
  for (const auto& item : features->items()) {
    const auto& column = item.key();
    if (!column.starts_with(prefix) && column != "observation") continue;
    observed.push_back(lerobot::read_feature(column, column == "observation" ? column : column.substr(prefix.size()),
                                             item.value(), about));
    parts.push_back(observed.back().part);
  }
  if (parts.empty()) throw Error(about + ": has no feature 'observation.NAME'; use a data set with observations");
  parts = minari::choose_parts(parts, options.observation, "observation", about + ": observations");
  std::erase_if(observed, [&](const auto& feature) {
    return std::none_of(parts.begin(), parts.end(), [&](const auto& part) { return part.name == feature.part.name; });
  });
  const minari::ObservationLayout layout(parts, false, about + ": observations");
  const auto* action_entry = entry_of(*features, "action");
  if (action_entry == nullptr) throw Error(about + ": has no feature 'action'; use a data set with actions");
  const auto action = lerobot::read_feature("action", "action", *action_entry, about);
  if (!action.part.why_not.empty())
    throw Error(about + ": 'action' " + action.part.why_not + "; use a data set with numbers as actions");
  const bool discrete = action.is_whole && action.part.stored_size() == 1;
  const auto has = [&](const std::string& name) { return entry_of(*features, name) != nullptr; };
  const auto constant = options.reward ? detail::constant_reward(*options.reward) : std::nullopt;
  std::string reward_column;
  if (!constant) {
    reward_column = options.reward ? *options.reward : has("next.reward") || !has("reward") ? "next.reward" : "reward";
    if (!has(reward_column))
      throw Error(about + ": has no rewards ('" + printable_name(reward_column) +
                  "'); write ?reward=0 after the folder's name to learn from the actions alone, or ?reward=NAME for "
                  "the column that has them");
  }
  const bool told_apart = has("next.terminated") || has("next.truncated"), marks = told_apart || has("next.done");
  const bool done_terminates = options.done_is_terminated.value_or(false);

  std::vector<std::string> paths;
  for (const auto& chunk : folder.names("data")) {
    std::error_code code;
    if (!std::filesystem::is_directory(folder.inside("data/" + chunk), code)) continue;
    for (const auto& name : folder.names("data/" + chunk))
      if (name.ends_with(".parquet")) paths.push_back(folder.inside("data/" + chunk + "/" + name));
  }
  if (paths.empty()) throw Error(printable(folder.path()) + ": has no Parquet files in data; copy the whole folder");
  std::vector<std::string> columns = {"action", "episode_index", "frame_index"};
  for (const auto& feature : observed) columns.push_back(feature.column);
  if (!constant) columns.push_back(reward_column);
  for (const char* mark : {"next.terminated", "next.truncated", "next.done"})
    if (has(mark)) columns.emplace_back(mark);

  const auto column_of = [](const ArrowTable& table, const std::string& path, const std::string& name,
                            std::int64_t width) -> const ArrowColumn& {
    const auto where = printable(path) + ": column '" + printable_name(name) + "'";
    const auto* found = table.find(name);
    if (found == nullptr) throw Error(where + " is missing; meta/info.json does not belong to it: copy both again");
    if (!found->is_number() || found->has_lists_of_different_lengths() || found->width() != width)
      throw Error(where + " is " + found->stored_as + ", and by meta/info.json a row has " + std::to_string(width) +
                  (width == 1 ? " number" : " numbers") + "; copy both again");
    for (std::size_t i = 0; i < found->missing.size(); ++i)
      if (found->missing[i] != 0)
        throw Error(where + ": row " + std::to_string(i / static_cast<std::size_t>(width)) +
                    " has no value; remove that episode");
    return *found;
  };
  const auto whole_column = [&](const ArrowTable& table, const std::string& path,
                                const std::string& name) -> const ArrowColumn& {
    const auto& found = column_of(table, path, name, 1);
    if (found.type != ArrowColumn::kind::whole)
      throw Error(printable(path) + ": column '" + printable_name(name) + "' is " + found.stored_as +
                  ", where whole numbers are expected; the data set is damaged: copy or download it again");
    return found;
  };

  // The number of discrete actions is known at the end: twice over a small column is cheaper than all in memory.
  std::int64_t action_size = action.part.stored_size();
  if (discrete) {
    std::int64_t most = -1;
    read_arrow_tables(paths, {"action"}, limits, [&](std::size_t which, ArrowTable table) {
      for (const auto index : whole_column(table, paths[which], "action").whole) most = std::max(most, index);
    });
    if (most < 0 || most >= flat_columns::max_actions)
      throw Error(about + ": the largest action index is " + std::to_string(most) + ", outside 0 .. " +
                  std::to_string(flat_columns::max_actions - 1) + "; use another data set");
    action_size = most + 1;
  }

  EpisodeLog log(given, "lerobot", discrete ? action_kind::discrete : action_kind::continuous, layout.size(),
                 action_size);
  log.hand_over(limits);
  auto& spaces = log.data().spaces;
  for (const auto& feature : observed)
    for (std::int64_t i = 0; i < feature.part.stored_size(); ++i)
      spaces.observation_names.push_back(feature.names.empty() ? feature.part.name_of(i)
                                         : observed.size() == 1
                                             ? feature.names[std::size_t(i)]
                                             : feature.part.called + "/" + feature.names[std::size_t(i)]);
  if (!discrete) spaces.action_names = action.names;

  MemoryBudget budget(limits, size_of_data(folder.path()));
  lerobot::Episodes episodes(log, marks);
  RowCount done_rows;
  read_arrow_tables(paths, columns, limits, [&](std::size_t which, ArrowTable table) {
    const auto& path = paths[which];
    const auto rows = static_cast<std::size_t>(table.rows), n = static_cast<std::size_t>(layout.size());
    const auto& numbers = whole_column(table, path, "episode_index");
    const auto& frames = whole_column(table, path, "frame_index");
    const auto& acts = column_of(table, path, "action", action.part.stored_size());
    const auto* rewards = constant ? nullptr : &column_of(table, path, reward_column, 1);
    std::vector<const ArrowColumn*> seen;
    for (const auto& feature : observed)
      seen.push_back(&column_of(table, path, feature.column, feature.part.stored_size()));
    const auto mark = [&](const char* name) { return has(name) ? &column_of(table, path, name, 1) : nullptr; };
    const auto *terminated = mark("next.terminated"), *truncated = mark("next.truncated"), *done = mark("next.done");
    budget.take(printable(path),
                4.0 * static_cast<double>(rows) * static_cast<double>(n + std::size_t(action_size) + 8));
    for (std::size_t row = 0; row < rows; ++row) {
      const auto where = printable(path) + ": row " + std::to_string(row);
      const auto number = numbers.whole[row];
      if (number != episodes.number) episodes.next(number, where);
      if (frames.whole[row] != episodes.frame++)
        throw Error(where + ": is frame " + std::to_string(frames.whole[row]) + " of its episode, where frame " +
                    std::to_string(episodes.frame - 1) +
                    " follows; the data set is incomplete or in another order: copy or download it again");
      for (const auto* column : seen)
        for (std::size_t j = 0, width = static_cast<std::size_t>(column->width()); j < width; ++j)
          episodes.observations.push_back(static_cast<float>(column->number(row * width + j)));
      if (discrete) episodes.indices.push_back(acts.whole[row]);
      else
        for (std::size_t j = 0, width = static_cast<std::size_t>(acts.width()); j < width; ++j)
          episodes.actions.push_back(static_cast<float>(acts.number(row * width + j)));
      episodes.rewards.push_back(rewards == nullptr ? *constant : static_cast<float>(rewards->number(row)));
      const bool is_done = done != nullptr && done->number(row) != 0;
      bool ended = terminated != nullptr && terminated->number(row) != 0,
           cut = truncated != nullptr && truncated->number(row) != 0;
      if (is_done && !ended && !cut) {
        if (!told_apart && !options.done_is_terminated) done_rows.add(episodes.frames);
        (done_terminates ? ended : cut) = true;
      }
      ++episodes.frames;
      if (ended || cut) episodes.end(ended, cut);
    }
  });
  episodes.end(false, !marks);
  done_rows.report(log.data().warnings, "done-not-told-apart",
                   "'next.done' ends an episode, and the format does not say whether the task ended or the recording; "
                   "taken for the latter (?done=terminated says the former)");
  const auto declared = [&](const char* key) {
    const auto* value = entry_of(info, key);
    return value == nullptr ? -1 : whole_of(*value, -1);
  };
  if (const auto total = declared("total_episodes"); total > episodes.episodes)
    throw Error(about + ": says there are " + std::to_string(total) + " episodes, and the files have " +
                std::to_string(episodes.episodes) + "; the data set is incomplete: copy or download it again");
  if (const auto total = declared("total_frames"); total >= 0 && total != episodes.frames)
    log.data().warnings.push_back({"steps-differ", "meta/info.json says " + std::to_string(total) +
                                                       " frames in all, and the files have " +
                                                       std::to_string(episodes.frames) + "; all of these are used"});
  if (const auto tasks = declared("total_tasks"); tasks > 1)
    log.data().warnings.push_back({"several-tasks", "the data set has " + std::to_string(tasks) +
                                                        " tasks, and their episodes are not told apart"});
  return log.finish();
}
}  // namespace tessera
