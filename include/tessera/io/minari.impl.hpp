#pragma once
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/dataset/flat_rows.hpp>
#include <tessera/io/arrow_table.hpp>
#include <tessera/io/columns.hpp>
#include <tessera/io/data_folder.hpp>
#include <tessera/io/minari.hpp>
#include <tessera/io/tolerant_json.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/plain_path.hpp>

namespace tessera::minari {
TESSERA_INLINE Metadata read_metadata(std::string_view text, const std::string& about) {
  using nlohmann::ordered_json;
  const auto json = parse_tolerant_json(text, about);
  const auto entry = [&](const char* key) -> const ordered_json* { return entry_of(json, key); };
  if (!json.is_object()) throw Error(about + ": is not the metadata of a Minari data set; check the path");
  Metadata found;
  const ordered_json* storage = entry("data_format");
  found.storage = storage != nullptr && storage->is_string() ? storage->get<std::string>() : "hdf5";
  if (found.storage != "hdf5" && found.storage != "arrow" && found.storage != "parquet")
    throw Error(about + ": 'data_format' is '" + printable_name(found.storage) +
                "', and hdf5, arrow and parquet are read; save the data set in one of these");
  const auto whole = [&](const char* key) {
    const ordered_json* value = entry(key);
    return value == nullptr ? -1 : std::max<std::int64_t>(whole_of(*value, -1), -1);
  };
  found.episodes = whole("total_episodes"), found.steps = whole("total_steps");
  const auto space = [&](const char* key) {
    const ordered_json* value = entry(key);
    if (value == nullptr || value->is_null())
      throw Error(about + ": '" + key + "' is missing; load the data set with a newer Minari and save it again");
    return parts_of_space(*value, about + ": '" + std::string(key) + "'");
  };
  found.observation = space("observation_space"), found.action = space("action_space");

  const auto number = [&](const char* key) {
    const ordered_json* value = entry(key);
    return value == nullptr ? LogTask{}.score_zero : number_of(*value, LogTask{}.score_zero);
  };
  found.task.score_zero = number("ref_min_score"), found.task.score_hundred = number("ref_max_score");
  if (const ordered_json* spec = entry("env_spec"); spec != nullptr && !spec->is_null()) {
    try {  // a help, not a need
      const auto task =
          spec->is_string() ? parse_tolerant_json(spec->get_ref<const std::string&>(), "'env_spec'") : *spec;
      if (const auto* id = entry_of(task, "id"); id != nullptr && id->is_string())
        found.task.environment = printable_name(id->get_ref<const std::string&>());
      if (const auto* steps = entry_of(task, "max_episode_steps"); steps != nullptr)
        found.task.max_steps = std::max<std::int64_t>(whole_of(*steps, 0), 0);
    } catch (const Error& error) {
      found.warnings.push_back({"task-not-read", error.what()});
    }
  }
  return found;
}

namespace detail {
/// The files of a data set: the folder that holds metadata.json.
TESSERA_INLINE std::string data_folder_of(std::string path) {
  namespace fs = std::filesystem;
  std::error_code code;
  path = plain_path(std::move(path));
  if (!fs::is_directory(path, code)) {
    const auto parent = fs::path(path).parent_path();
    return parent.empty() ? "." : parent.string();
  }
  const auto inner = path + "/data";
  return fs::exists(inner + "/metadata.json", code) ? inner : path;
}

/// An episode as its storage gives it.
struct StoredEpisode {
  std::string where;  ///< for messages: "main_data.hdf5: episode_3"
  std::int64_t steps = 0;
  bool knows_last = true;  ///< false: its last observation only stands in, see `write_minari`
  std::vector<double> rewards, terminations, truncations;
  /// The numbers of a part of "observations" or "actions", that many rows; throws if they are not so many.
  std::function<std::vector<double>(const std::string&, const SpacePart&, std::int64_t)> numbers;
};

class Collector {
 public:
  Collector(const std::string& name, ObservationLayout observation, ActionLayout action, MemoryBudget budget)
      : observation_(std::move(observation)), action_(std::move(action)), budget_(std::move(budget)),
        log_(name, "minari", action_.kind(), observation_.size(), action_.size()) {
    observation_.describe(log_.data().spaces), action_.describe(log_.data().spaces);
    log_.hand_over(budget_.limits());
  }

  void add(const StoredEpisode& episode) {
    if (episode.steps == 0) {
      empty_.add(steps_);
      return;
    }
    budget_.take(episode.where, 4.0 * static_cast<double>(episode.steps + 1) *
                                    static_cast<double>(observation_.size() + action_.size() + 8));
    const auto steps = static_cast<std::size_t>(episode.steps);
    const auto n = static_cast<std::size_t>(observation_.size()), d = static_cast<std::size_t>(action_.size());
    const bool discrete = action_.kind() == action_kind::discrete;
    std::vector<float> observations((steps + 1) * n), actions(discrete ? 0 : steps * d);
    std::vector<std::int64_t> indices(discrete ? steps : 0, 0);
    for (std::size_t k = 0; k < observation_.parts().size(); ++k)
      observation_.place(k, episode.numbers("observations", observation_.parts()[k], episode.steps + 1), observations,
                         episode.where + ": observations");
    for (std::size_t k = 0; k < action_.parts().size(); ++k)
      action_.place(k, episode.numbers("actions", action_.parts()[k], episode.steps), actions, indices,
                    episode.where + ": actions");
    std::vector<float> rewards(steps);
    for (std::size_t t = 0; t < steps; ++t) rewards[t] = static_cast<float>(episode.rewards[t]);
    // Minari ends an episode with its first end mark.  Where there is one before the last step, it ends an episode of
    // ours, too: nothing may be bootstrapped over it.
    for (std::size_t begin = 0, t = 0; t < steps; ++t) {
      const bool terminated = flag(episode, episode.terminations[t], t),
                 truncated = flag(episode, episode.truncations[t], t);
      if (!terminated && !truncated && t + 1 < steps) continue;
      if (t + 1 < steps) inside_.add(steps_ + static_cast<std::int64_t>(t));
      const auto length = t + 1 - begin, stored = length + (episode.knows_last || t + 1 < steps ? 1 : 0);
      log_.add({.observations = std::span<const float>(observations).subspan(begin * n, stored * n),
                .actions = std::span<const float>(actions).subspan(discrete ? 0 : begin * d, discrete ? 0 : length * d),
                .action_indices =
                    std::span<const std::int64_t>(indices).subspan(discrete ? begin : 0, discrete ? length : 0),
                .rewards = std::span<const float>(rewards).subspan(begin, length),
                .terminated = terminated,
                .truncated = truncated});
      begin = t + 1;
    }
    steps_ += episode.steps;
  }

  /// The columns of a table that are needed.
  std::vector<std::string> columns() const {
    std::vector<std::string> names = {"rewards", "terminations", "truncations"};
    const auto add = [&](const std::string& root, const std::vector<SpacePart>& parts) {
      for (const auto& part : parts) names.push_back(root + (part.name.empty() ? "" : "/" + part.name));
    };
    add("observations", observation_.parts()), add("actions", action_.parts());
    return names;
  }
  std::int64_t steps() const { return steps_; }
  Dataset& data() { return log_.data(); }
  Dataset finish() {
    inside_.report(log_.data().warnings, "end-inside-episode",
                   "an end mark stands before the last step of an episode; the episode was ended there");
    empty_.report(log_.data().warnings, "empty-episode", "an episode before this row has no steps; left out");
    return log_.finish(action_.low(), action_.high());
  }

 private:
  static bool flag(const StoredEpisode& episode, double value, std::size_t t) {
    if (value != 0 && value != 1)
      throw Error(episode.where + ": step " + std::to_string(t) + " has an end mark " + std::to_string(value) +
                  " where it is 0 or 1; correct the file");
    return value == 1;
  }

  ObservationLayout observation_;
  ActionLayout action_;
  MemoryBudget budget_;
  EpisodeLog log_;
  RowCount inside_, empty_;
  std::int64_t steps_ = 0;
};

[[noreturn]] TESSERA_INLINE void incomplete(const std::string& where, std::int64_t episode, std::int64_t of) {
  throw Error(where + ": episode " + std::to_string(episode) + " is missing, of " + std::to_string(of) +
              " in the metadata; the data set is incomplete: copy or download it again");
}

TESSERA_INLINE void read_hdf5_episodes(const std::string& path, std::int64_t declared, const ReadLimits& limits,
                                       Collector& to) {
  const auto file = hdf5::File::open(path, limits);
  constexpr std::uint64_t most = 10'000'000;
  if (file.count_keys() > most) hdf5::fail(path, "/", "has more than ten million episodes", "divide the data set");
  const auto number_in = [](const std::string& key) {
    constexpr std::string_view prefix = "episode_";
    std::int64_t number = -1;
    if (!key.starts_with(prefix)) return number;
    const char* const end = key.data() + key.size();
    const auto read = std::from_chars(key.data() + prefix.size(), end, number);
    return read.ec == std::errc{} && read.ptr == end ? number : -1;
  };
  std::vector<std::int64_t> numbers;
  for (const auto& key : file.keys())
    if (const auto number = number_in(key); number >= 0) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  for (std::int64_t i = 0; i < std::max(declared, std::int64_t(numbers.size())); ++i)
    if (i >= std::int64_t(numbers.size()) || numbers[std::size_t(i)] != i)
      incomplete(printable(path), i, declared >= 0 ? declared : numbers.back() + 1);

  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto group = "episode_" + std::to_string(i);
    const auto shape_of = [&](const std::string& key) {
      auto shape = file.info(key).shape;
      // A single value a row may be stored as a list of one.
      if (shape.size() == 2 && shape[1] == 1) shape.pop_back();
      return shape;
    };
    const auto column = [&](const char* name) {
      const auto key = group + "/" + name;
      const auto shape = shape_of(key);
      if (shape.size() != 1)
        hdf5::fail(path, key, "has the shape " + shape_text(shape) + ", where (steps) is expected",
                   "the file is damaged: copy or download it again");
      return file.read<double>(key);
    };
    StoredEpisode episode;
    episode.where = printable(path) + ": " + group;
    episode.knows_last = file.read_attribute(group, "last_observation") != "unknown";
    episode.rewards = column("rewards");
    episode.steps = static_cast<std::int64_t>(episode.rewards.size());
    episode.terminations = column("terminations"), episode.truncations = column("truncations");
    for (const auto* flags : {&episode.terminations, &episode.truncations})
      if (flags->size() != episode.rewards.size())
        throw Error(episode.where + ": has " + std::to_string(episode.steps) + " rewards and " +
                    std::to_string(flags->size()) + " end marks; the file is damaged: copy or download it again");
    episode.numbers = [&](const std::string& root, const SpacePart& part, std::int64_t rows) {
      const auto key = group + "/" + root + (part.stored.empty() ? "" : "/" + part.stored);
      auto wanted = part.shape;
      wanted.insert(wanted.begin(), rows);
      const auto found = file.info(key);
      if (found.type != hdf5::type_class::integer && found.type != hdf5::type_class::floating)
        hdf5::fail(path, key, "does not hold numbers", "the metadata and the file do not belong together");
      if (found.shape != wanted && shape_of(key) != wanted)
        hdf5::fail(path, key,
                   "has the shape " + shape_text(found.shape) + ", and by the metadata and " +
                       std::to_string(episode.steps) + " rewards it is " + shape_text(wanted),
                   "the metadata and the file do not belong together: copy or download both again");
      return file.read<double>(key);
    };
    to.add(episode);
  }
}

TESSERA_INLINE void read_arrow_episodes(const DataFolder& folder, const std::string& storage, std::int64_t declared,
                                        const ReadLimits& limits, Collector& to) {
  std::vector<std::string> paths;
  std::vector<std::int64_t> first;  // of an episode, which of the paths; and one more
  std::int64_t count = 0;
  for (const auto& name : folder.names()) count += name.find_first_not_of("0123456789") == std::string::npos;
  for (std::int64_t i = 0; i < std::max(declared, count); ++i) {
    const auto number = std::to_string(i);
    first.push_back(static_cast<std::int64_t>(paths.size()));
    if (folder.has(number))
      for (const auto& name : folder.names(number))
        if (name.ends_with("." + storage)) paths.push_back(folder.inside(number + "/" + name));
    if (first.back() == static_cast<std::int64_t>(paths.size()))
      incomplete(printable(folder.path()), i, declared >= 0 ? declared : count);
  }
  first.push_back(static_cast<std::int64_t>(paths.size()));

  std::size_t at = 0;
  std::vector<ArrowTable> parts;
  const auto episode_of = [&](const std::vector<ArrowTable>& tables, const std::string& path) {
    StoredEpisode episode;
    episode.where = printable(path);
    std::int64_t rows = 0;
    for (const auto& table : tables) rows += table.rows;
    if (rows < 1) throw Error(episode.where + ": has no rows; the file is damaged: copy or download it again");
    // The last row holds the last observation alone; what else stands there has no meaning.
    episode.steps = rows - 1;
    const auto numbers = [&tables, path](const std::string& name, std::int64_t width, std::int64_t wanted) {
      std::vector<double> all;
      for (const auto& table : tables) {
        const auto* column = table.find(name);
        const auto where = printable(path) + ": column '" + printable_name(name) + "'";
        if (column == nullptr)
          throw Error(where +
                      " is missing; the metadata and the file do not belong together: copy or download both "
                      "again");
        if (!column->is_number() || column->has_lists_of_different_lengths() || column->width() != width)
          throw Error(where + " is " + column->stored_as + ", and by the metadata a row has " + std::to_string(width) +
                      (width == 1 ? " number" : " numbers") + "; copy or download both again");
        all.reserve(all.size() + column->values());
        for (std::size_t i = 0; i < column->values() && std::int64_t(all.size()) < wanted * width; ++i) {
          if (column->is_missing(i))
            throw Error(where + ": row " + std::to_string(all.size() / std::size_t(width)) +
                        " has no value; the file is damaged: copy or download it again");
          all.push_back(column->number(i));
        }
      }
      return all;
    };
    episode.rewards = numbers("rewards", 1, episode.steps);
    episode.terminations = numbers("terminations", 1, episode.steps);
    episode.truncations = numbers("truncations", 1, episode.steps);
    episode.numbers = [numbers](const std::string& root, const SpacePart& part, std::int64_t wanted) {
      return numbers(root + (part.name.empty() ? "" : "/" + part.name), part.stored_size(), wanted);
    };
    return episode;
  };
  read_arrow_tables(paths, to.columns(), limits, [&](std::size_t which, ArrowTable table) {
    parts.push_back(std::move(table));
    if (static_cast<std::int64_t>(which) + 1 < first[at + 1]) return;
    to.add(episode_of(parts, paths[which]));
    parts.clear(), ++at;
  });
}
}  // namespace detail
}  // namespace tessera::minari

namespace tessera {
TESSERA_INLINE bool is_minari_folder(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (!fs::is_directory(path, code)) return false;
  const auto folder = minari::detail::data_folder_of(path);
  return fs::exists(folder + "/metadata.json", code) &&
         (folder != path || fs::exists(folder + "/main_data.hdf5", code) || fs::is_directory(folder + "/0", code));
}

TESSERA_INLINE Dataset read_minari(const std::string& given, const MinariOptions& options, const ReadLimits& limits) {
  const DataFolder folder(minari::detail::data_folder_of(given));
  if (!folder.has("metadata.json"))
    throw Error(printable(folder.path()) +
                ": has no metadata.json, which belongs to a Minari data set; copy or "
                "download the whole folder");
  const auto path = folder.inside("metadata.json");
  auto metadata = minari::read_metadata(read_json_text(path, limits), printable(path));
  const auto about = printable(path);
  minari::detail::Collector to(
      given,
      minari::ObservationLayout(minari::choose_parts(std::move(metadata.observation), options.observation,
                                                     "observation", about + ": observations"),
                                !options.discrete_as_index, about + ": observations"),
      minari::ActionLayout(
          minari::choose_parts(std::move(metadata.action), options.action, "action", about + ": actions"),
          about + ": actions"),
      MemoryBudget(limits, size_of_data(folder.path())));
  to.data().task = metadata.task, to.data().warnings = std::move(metadata.warnings);
  if (metadata.storage == "hdf5") {
    std::error_code code;
    const bool is_file = !std::filesystem::is_directory(given, code);
    minari::detail::read_hdf5_episodes(is_file ? given : folder.inside("main_data.hdf5"), metadata.episodes, limits,
                                       to);
  } else {
    minari::detail::read_arrow_episodes(folder, metadata.storage, metadata.episodes, limits, to);
  }
  if (metadata.steps >= 0 && metadata.steps != to.steps())
    to.data().warnings.push_back({"steps-differ", "the metadata says " + std::to_string(metadata.steps) +
                                                      " steps in all, and the episodes have " +
                                                      std::to_string(to.steps()) + "; all of these are used"});
  return to.finish();
}
}  // namespace tessera
