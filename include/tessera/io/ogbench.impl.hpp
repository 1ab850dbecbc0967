#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/io/npz_columns.hpp>
#include <tessera/io/ogbench.hpp>
#include <tessera/io/ogbench_tasks.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
namespace detail {
// The parts of "pointmaze-medium-navigate-v0-val.npz": pointmaze, medium, navigate, v0.
TESSERA_INLINE std::vector<std::string> ogbench_words(const std::string& path) {
  auto stem = std::filesystem::path(path).stem().string();
  if (stem.ends_with("-val")) stem.resize(stem.size() - 4);
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= stem.size();) {
    const auto end = std::min(stem.find('-', at), stem.size());
    words.push_back(stem.substr(at, end - at)), at = end + 1;
  }
  const auto is_version = [](const std::string& word) {
    return word.size() > 1 && word[0] == 'v' &&
           std::all_of(word.begin() + 1, word.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  // Pieces of a large set are numbered: "...-v0-003".
  while (!words.empty() && !is_version(words.back())) words.pop_back();
  return words;
}
// "pointmaze-medium": without the kind of data and the version; empty if the name is of another form.
TESSERA_INLINE std::string ogbench_environment(const std::string& path) {
  constexpr std::array known = {"pointmaze", "antmaze", "humanoidmaze", "antsoccer",  "cube",
                                "scene",     "puzzle",  "visual",       "powderworld"};
  auto words = ogbench_words(path);
  if (words.size() < 3 || std::find(known.begin(), known.end(), words[0]) == known.end()) return "";
  words.pop_back(), words.pop_back();
  if (words.size() > 1 && words.back() == "play") words.pop_back();  // "...-play-100m-v0"
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : "-") + word;
  return out;
}

struct OgbenchRewards {
  std::vector<float> rewards;
  std::vector<std::uint8_t> ends;  // where no return follows
};
// Of each row, from 'qpos' and 'button_states': minus the number of things that are not where they should be.
TESSERA_INLINE OgbenchRewards ogbench_rewards(const NpzFile& file, const OgbenchTask& task, std::int64_t rows) {
  struct Columns {
    std::vector<float> values;
    std::size_t width = 0;
  };
  const auto columns = [&](const char* key, std::size_t least) -> Columns {
    if (least == 0) return {};
    if (!file.exists(key))
      npz_columns::fail(file, key, "is missing, and the rewards of a task are computed from it",
                        "give the file as OGBench publishes it, or add 'rewards' and 'masks' to it");
    npz_columns::require_rows(file, key, rows, "observations");
    const auto shape = file.header(key).shape;
    if (shape.size() != 2 || shape[1] < std::int64_t(least))
      npz_columns::fail(file, key, "has shape " + shape_text(shape), "it is not the one of this environment");
    return {file.read_floats(key), std::size_t(shape[1])};
  };
  const auto [qpos, width] = columns("qpos", task.width());
  const auto [pressed, count] = columns("button_states", task.buttons.size());
  const auto parts = int(task.places.size() + task.buttons.size());
  OgbenchRewards out;
  for (std::size_t i = 0; i < std::size_t(rows); ++i) {
    int met = 0;
    for (const auto& place : task.places) {
      double square = 0;
      for (std::size_t k = 0; k < place.goal.size(); ++k)
        square += std::pow(double(qpos[i * width + place.column + k]) - place.goal[k], 2);
      met += std::sqrt(square) <= place.tolerance;
    }
    for (std::size_t b = 0; b < task.buttons.size(); ++b) met += pressed[i * count + b] == float(task.buttons[b] - '0');
    out.rewards.push_back(float(met - parts)), out.ends.push_back(met == parts);
  }
  return out;
}

// Adds the episodes of one file.
TESSERA_INLINE void add_ogbench(std::optional<EpisodeLog>& log, const NpzFile& file, const OgbenchOptions& options,
                                const std::string& name, bool only_file) {
  std::vector<Warning> warnings;
  auto observations = npz_columns::read_observations(file, "observations", warnings);
  const auto rows = npz_columns::rows_of(file, "observations"), n = observations.size;
  for (const char* key : {"actions", "terminals"}) npz_columns::require_rows(file, key, rows, "observations");
  auto actions = npz_columns::read_actions(file, "actions");
  const bool discrete = actions.kind == action_kind::discrete, regular = file.exists("next_observations");
  // 1 in the last row of a trajectory.
  auto last = npz_columns::read_flags(file, file.exists("valids") ? "valids" : "terminals");
  if (file.exists("valids"))
    for (auto& flag : last) flag = !flag;
  if (std::int64_t(last.size()) != rows) npz_columns::require_rows(file, "valids", rows, "observations");
  npz_columns::Matrix next;
  if (regular) {
    std::vector<Warning> same;
    next = npz_columns::read_observations(file, "next_observations", same);
    npz_columns::require_rows(file, "next_observations", rows, "observations");
    if (next.size != n)
      npz_columns::fail(file, "next_observations",
                        "has " + std::to_string(next.size) +
                            " numbers in a row, but "
                            "'observations' has " +
                            std::to_string(n),
                        "write the file again");
  }

  const auto environment = options.environment.empty() ? ogbench_environment(file.path()) : options.environment;
  OgbenchRewards task;
  std::int64_t max_steps = 0;
  if (options.task != 0) {
    const auto found = ogbench_task(environment, options.task);
    if (!found && environment.empty())
      throw Error(file.path() + ": the name of the file does not say of which environment it is, whose task " +
                  std::to_string(options.task) + " is asked for; add environment=pointmaze-medium, or what it is");
    if (!found)
      throw Error(
          file.path() + ": the rewards of the tasks of " + printable(environment) +
          " are not known, but those of the mazes (pointmaze-medium, antmaze-large, ...), antsoccer, cube, scene "
          "and puzzle; leave out task, and add the arrays 'rewards' and 'masks' that OGBench computes to the "
          "file");
    task = ogbench_rewards(file, *found, rows), max_steps = found->max_steps;
  } else {
    if (file.exists("rewards")) {
      npz_columns::require_rows(file, "rewards", rows, "observations");
      task.rewards = npz_columns::read_column(file, "rewards");
    } else {
      task.rewards.assign(std::size_t(rows), 0);
      if (!log)
        warnings.push_back({"no-rewards",
                            "the file holds no rewards: all are 0; for those of a single task of the "
                            "environment add ?task=1 (to 5) to the path"});
    }
    if (file.exists("masks")) {
      npz_columns::require_rows(file, "masks", rows, "observations");
      task.ends = npz_columns::read_flags(file, "masks");
      for (auto& flag : task.ends) flag = !flag;
    }
  }

  const bool first = !log;
  if (first) {
    log.emplace(name, "ogbench", actions.kind, n, actions.size);
    log->data().warnings = std::move(warnings);
    if (!environment.empty())
      log->data().task.environment =
          environment + (options.task != 0 ? "-singletask-task" + std::to_string(options.task) : "") + "-v0";
    log->data().task.max_steps = max_steps;
  } else {
    auto& data = log->data();
    if (data.kind != actions.kind || data.observation_size != n || (!discrete && data.action_size != actions.size))
      throw Error(file.path() +
                  ": its observations or actions are not like those of the files before it; keep the "
                  "pieces of one data set in a folder");
    data.action_size = std::max(data.action_size, actions.size);
  }
  // A single file's observations stay where they are; those of several are gathered.
  const std::span<const float> all =
      regular || !only_file ? std::span<const float>(observations.values) : log->keep(std::move(observations.values));
  RowCount alone;
  for (std::int64_t begin = 0, row = 0; row < rows; ++row) {
    const bool marked = last[std::size_t(row)] != 0;
    if (!marked && row + 1 < rows) continue;
    const auto steps = row - begin + (regular ? 1 : 0);
    if (steps == 0) alone.add(row);
    else {
      const auto part = [&](const auto& from, std::int64_t width, std::int64_t count) {
        return std::span(from).subspan(std::size_t(begin * width), std::size_t(count * width));
      };
      EpisodeRows episode{.observations = part(all, n, steps + (regular ? 0 : 1)),
                          .rewards = part(task.rewards, 1, steps),
                          .truncated = marked};
      if (regular) episode.next_observations = part(next.values, n, steps);
      if (!task.ends.empty()) episode.terminals = part(task.ends, 1, steps);
      if (discrete) episode.action_indices = part(actions.indices, 1, steps);
      else episode.actions = part(actions.values, actions.size, steps);
      log->add(episode);
    }
    begin = row + 1;
  }
  alone.report(log->data().warnings, "single-row", "a trajectory of one row has no step; not used");
}
TESSERA_INLINE void mention_validation(Dataset& data, const std::string& name) {
  data.warnings.push_back(
      {"validation-file", printable(name) + " beside it holds data for validation; it is not read"});
}
}  // namespace detail

TESSERA_INLINE bool is_ogbench(const NpzFile& file) {
  return file.exists("observations") && file.exists("actions") && file.exists("terminals") && !file.exists("timeouts");
}

TESSERA_INLINE Dataset read_ogbench(const NpzFile& file, const OgbenchOptions& options) {
  std::optional<EpisodeLog> log;
  detail::add_ogbench(log, file, options, file.path(), true);
  const std::filesystem::path path(file.path());
  const auto beside = path.stem().string() + "-val.npz";
  std::error_code code;
  if (!path.stem().string().ends_with("-val") && std::filesystem::exists(path.parent_path() / beside, code))
    detail::mention_validation(log->data(), beside);
  return log->finish();
}

namespace detail {
struct OgbenchPieces {
  std::vector<std::string> files;  // sorted
  std::string validation;          // one of them
};
TESSERA_INLINE OgbenchPieces ogbench_pieces(const std::string& path) {
  OgbenchPieces out;
  std::error_code code;
  for (std::filesystem::directory_iterator at(path, code), end; !code && at != end; at.increment(code)) {
    if (at->path().extension() != ".npz") continue;
    const auto name = at->path().filename().string();
    if (name.ends_with("-val.npz")) out.validation = out.validation.empty() ? name : std::min(out.validation, name);
    else out.files.push_back(at->path().string());
  }
  std::sort(out.files.begin(), out.files.end());
  return out;
}
}  // namespace detail

TESSERA_INLINE bool is_ogbench_folder(const std::string& path) {
  const auto pieces = detail::ogbench_pieces(path);
  return !pieces.files.empty() && is_ogbench(NpzFile(pieces.files[0]));
}

TESSERA_INLINE Dataset read_ogbench_folder(const std::string& path, const OgbenchOptions& options,
                                           const ReadLimits& limits) {
  const auto pieces = detail::ogbench_pieces(path);
  if (pieces.files.empty())
    throw Error(printable(path) + ": holds no .npz file; give a folder of the pieces of an OGBench data set");
  // The pieces share one limit.
  std::uint64_t bytes = 0;
  std::error_code code;
  for (const auto& file : pieces.files)
    if (const auto size = std::filesystem::file_size(file, code); !code) bytes += size;
  ReadLimits each = limits;
  each.bytes = limits.for_file(bytes);
  std::optional<EpisodeLog> log;
  for (const auto& piece : pieces.files) {
    const NpzFile file(piece, each);
    if (!is_ogbench(file))
      throw Error(file.path() +
                  ": is not of OGBench's layout, with observations, actions and terminals, like the "
                  "others; keep the pieces of one data set in a folder");
    detail::add_ogbench(log, file, options, printable(path), false);
    const auto& data = log->data();
    MemoryBudget(each, bytes)
        .require(printable(path),
                 4.0 * double(data.observations.size() + data.actions.size()) + 40.0 * double(data.size()));
  }
  if (!pieces.validation.empty()) detail::mention_validation(log->data(), pieces.validation);
  return log->finish();
}
}  // namespace tessera
