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

// Adds the episodes of files, one after the other.
class OgbenchReading {
 public:
  OgbenchReading(const OgbenchOptions& options, std::string name) : options_(options), name_(std::move(name)) {}

  // `alone`: it is the only file.
  void add(const NpzFile& file, bool alone) {
    npz_columns::observation_size(file, "observations");
    const auto rows = npz_columns::rows_of(file, "observations");
    require_rows(file, rows);
    find_task(file);
    const auto last = last_rows(file);
    RowCount single;
    npz_columns::each_part(
        file, rows, [&](std::int64_t row) { return last[std::size_t(row)] != 0; },
        npz_columns::numbers_of_row(
            file, {"observations", "next_observations", "actions", "rewards", "masks", "qpos", "button_states"}),
        [&](const NpzFile& part, const RowWindow& window) {
          add_part(part, window, last, single, alone && !file.limits().hand_over);
        });
    single.report(log_->data().warnings, "single-row", "a trajectory of one row has no step; not used");
  }
  Dataset& data() { return log_->data(); }
  Dataset finish() { return log_->finish(); }

 private:
  static bool regular(const NpzFile& file) { return file.exists("next_observations"); }
  bool asks_for_task() const { return options_.task != 0; }
  static void require_rows(const NpzFile& file, std::int64_t rows) {
    for (const char* key : {"actions", "terminals"}) npz_columns::require_rows(file, key, rows, "observations");
    for (const char* key : {"valids", "next_observations"})
      if (file.exists(key)) npz_columns::require_rows(file, key, rows, "observations");
  }
  // 1 in the last row of a trajectory.
  static std::vector<std::uint8_t> last_rows(const NpzFile& file) {
    const bool compact = file.exists("valids");
    auto out = npz_columns::read_all_flags(file, compact ? "valids" : "terminals");
    if (compact)
      for (auto& flag : out) flag = !flag;
    return out;
  }
  void find_task(const NpzFile& file) {
    environment_ = options_.environment.empty() ? ogbench_environment(file.path()) : options_.environment;
    if (!asks_for_task()) return;
    task_ = ogbench_task(environment_, options_.task);
    if (!task_ && environment_.empty())
      throw Error(file.path() + ": the name of the file does not say of which environment it is, whose task " +
                  std::to_string(options_.task) + " is asked for; add environment=pointmaze-medium, or what it is");
    if (!task_)
      throw Error(
          file.path() + ": the rewards of the tasks of " + printable(environment_) +
          " are not known, but those of the mazes (pointmaze-medium, antmaze-large, ...), antsoccer, cube, scene "
          "and puzzle; leave out task, and add the arrays 'rewards' and 'masks' that OGBench computes to the "
          "file");
  }
  OgbenchRewards rewards_of(const NpzFile& file, std::int64_t rows, std::vector<Warning>& warnings) const {
    if (task_) return ogbench_rewards(file, *task_, rows);
    OgbenchRewards out;
    if (file.exists("rewards")) {
      npz_columns::require_rows(file, "rewards", rows, "observations");
      out.rewards = npz_columns::read_column(file, "rewards");
    } else {
      out.rewards.assign(std::size_t(rows), 0);
      warnings.push_back({"no-rewards",
                          "the file holds no rewards: all are 0; for those of a single task of the "
                          "environment add ?task=1 (to 5) to the path"});
    }
    if (file.exists("masks")) {
      npz_columns::require_rows(file, "masks", rows, "observations");
      out.ends = npz_columns::read_flags(file, "masks");
      for (auto& flag : out.ends) flag = !flag;
    }
    return out;
  }
  npz_columns::Matrix read_next(const NpzFile& file, std::int64_t n) const {
    std::vector<Warning> same;
    auto next = npz_columns::read_observations(file, "next_observations", same);
    if (next.size != n)
      npz_columns::fail(file, "next_observations",
                        "has " + std::to_string(next.size) +
                            " numbers in a row, but "
                            "'observations' has " +
                            std::to_string(n),
                        "write the file again");
    return next;
  }
  void begin(const NpzFile& file, const npz_columns::Actions& actions, std::int64_t n, std::vector<Warning> warnings) {
    if (!log_) {
      log_.emplace(name_, "ogbench", actions.kind, n, actions.size);
      log_->hand_over(file.limits());
      auto& data = log_->data();
      data.warnings = std::move(warnings);
      if (!environment_.empty())
        data.task.environment =
            environment_ + (asks_for_task() ? "-singletask-task" + std::to_string(options_.task) : "") + "-v0";
      if (task_) data.task.max_steps = task_->max_steps;
      return;
    }
    auto& data = log_->data();
    const bool discrete = actions.kind == action_kind::discrete;
    if (data.kind != actions.kind || data.observation_size != n || (!discrete && data.action_size != actions.size))
      throw Error(file.path() +
                  ": its observations or actions are not like those of the files before it; keep the "
                  "pieces of one data set in a folder");
    data.action_size = std::max(data.action_size, actions.size);
  }
  void add_part(const NpzFile& file, const RowWindow& window, const std::vector<std::uint8_t>& last, RowCount& single,
                bool keep) {
    std::vector<Warning> warnings;
    const auto rows = window.count;
    auto observations = npz_columns::read_observations(file, "observations", warnings);
    const auto n = observations.size;
    const auto actions = npz_columns::read_actions(file, "actions");
    npz_columns::Matrix after;
    if (regular(file)) after = read_next(file, n);
    const auto task = rewards_of(file, rows, warnings);
    begin(file, actions, n, std::move(warnings));
    // A single file's observations stay where they are; others are gathered.
    const std::span<const float> all = regular(file) || !keep ? std::span<const float>(observations.values)
                                                              : log_->keep(std::move(observations.values));
    const std::int64_t more = regular(file) ? 1 : 0;
    for (std::int64_t from = 0, row = 0; row < rows; ++row) {
      const bool marked = last[std::size_t(window.first + row)] != 0;
      if (!marked && row + 1 < rows) continue;
      const auto steps = row - from + more;
      if (steps == 0) single.add(window.first + row);
      else {
        const auto part = [&](const auto& of, std::int64_t width, std::int64_t count) {
          return std::span(of).subspan(std::size_t(from * width), std::size_t(count * width));
        };
        EpisodeRows episode{.observations = part(all, n, steps + 1 - more),
                            .rewards = part(task.rewards, 1, steps),
                            .truncated = marked};
        if (more > 0) episode.next_observations = part(after.values, n, steps);
        if (!task.ends.empty()) episode.terminals = part(task.ends, 1, steps);
        if (actions.kind == action_kind::discrete) episode.action_indices = part(actions.indices, 1, steps);
        else episode.actions = part(actions.values, actions.size, steps);
        log_->add(episode);
      }
      from = row + 1;
    }
  }

  OgbenchOptions options_;
  std::string name_, environment_;
  std::optional<OgbenchTask> task_;
  std::optional<EpisodeLog> log_;
};
TESSERA_INLINE void mention_validation(Dataset& data, const std::string& name) {
  data.warnings.push_back(
      {"validation-file", printable(name) + " beside it holds data for validation; it is not read"});
}
}  // namespace detail

TESSERA_INLINE bool is_ogbench(const NpzFile& file) {
  return file.exists("observations") && file.exists("actions") && file.exists("terminals") && !file.exists("timeouts");
}

TESSERA_INLINE Dataset read_ogbench(const NpzFile& file, const OgbenchOptions& options) {
  detail::OgbenchReading reading(options, file.path());
  reading.add(file, true);
  const std::filesystem::path path(file.path());
  const auto beside = path.stem().string() + "-val.npz";
  std::error_code code;
  if (!path.stem().string().ends_with("-val") && std::filesystem::exists(path.parent_path() / beside, code))
    detail::mention_validation(reading.data(), beside);
  return reading.finish();
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
  detail::OgbenchReading reading(options, printable(path));
  for (const auto& piece : pieces.files) {
    const NpzFile file(piece, each);
    if (!is_ogbench(file))
      throw Error(file.path() +
                  ": is not of OGBench's layout, with observations, actions and terminals, like the "
                  "others; keep the pieces of one data set in a folder");
    reading.add(file, false);
    const auto& data = reading.data();
    MemoryBudget(each, bytes)
        .require(printable(path),
                 4.0 * double(data.observations.size() + data.actions.size()) + 40.0 * double(data.size()));
  }
  if (!pieces.validation.empty()) detail::mention_validation(reading.data(), pieces.validation);
  return reading.finish();
}
}  // namespace tessera
