#pragma once
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/io/columns.hpp>
#include <tessera/io/robomimic.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
namespace detail {
TESSERA_INLINE std::optional<std::int64_t> demo_number(const std::string& name) {
  std::int64_t number = 0;
  const char *begin = name.data() + 5, *end = name.data() + name.size();
  if (!name.starts_with("demo_")) return std::nullopt;
  const auto read = std::from_chars(begin, end, number);
  return read.ec == std::errc{} && read.ptr == end && number >= 0 ? std::optional(number) : std::nullopt;
}
TESSERA_INLINE std::string robomimic_environment(const std::string& text) {
  const auto args = nlohmann::json::parse(text, nullptr, false);
  if (!args.is_object() || !args.contains("env_name") || !args["env_name"].is_string()) return "";
  return args["env_name"].get<std::string>();
}
// The demonstrations that are asked for, in the order of their numbers.
TESSERA_INLINE std::vector<std::string> robomimic_demos(const hdf5::File& file, const std::string& mask) {
  std::vector<std::pair<std::int64_t, std::string>> all;
  for (auto& name : file.keys("data"))
    if (const auto number = demo_number(name)) all.emplace_back(*number, std::move(name));
  std::sort(all.begin(), all.end());
  if (!mask.empty()) {
    const auto key = "mask/" + mask;
    if (mask.find('/') != std::string::npos || !file.exists(key)) {
      std::string known;
      if (file.is_group("mask"))
        for (const auto& each : file.keys("mask", 12)) known += (known.empty() ? "" : ", ") + printable_name(each);
      hdf5::fail(file.path(), key, "is missing",
                 known.empty() ? "the file has no masks: leave out mask" : "there are " + known);
    }
    auto wanted = file.read_strings(key);
    std::sort(wanted.begin(), wanted.end());
    std::set<std::string_view> there;
    for (const auto& each : all) there.insert(each.second);
    for (const auto& name : wanted)
      if (!there.contains(name))
        hdf5::fail(file.path(), key, "lists '" + printable_name(name) + "', which is not in the file",
                   "correct the file");
    std::erase_if(all,
                  [&](const auto& each) { return !std::binary_search(wanted.begin(), wanted.end(), each.second); });
  }
  std::vector<std::string> out;
  for (auto& [number, name] : all) out.push_back(std::move(name));
  return out;
}

struct RobomimicKey {
  std::string name;
  std::int64_t size;
};
// The parts of an observation, as they are in the first demonstration.
TESSERA_INLINE std::vector<RobomimicKey> robomimic_keys(const hdf5::File& file, const std::string& demo,
                                                        std::vector<std::string> wanted,
                                                        std::vector<Warning>& warnings) {
  const auto group = demo + "/obs";
  if (!file.is_group(group))
    hdf5::fail(file.path(), group, "is missing",
               "extract observations into the file first (robomimic: dataset_states_to_obs.py)");
  const auto there = file.keys(group, 1000);
  const bool all = wanted.empty();
  if (all) wanted = there;
  std::vector<RobomimicKey> out;
  std::string pictures;
  for (const auto& name : wanted) {
    if (!all && std::find(there.begin(), there.end(), name) == there.end()) {
      const auto meant = printable_name(nearest_name(name, there));
      std::string known;
      for (const auto& each : there) known += (known.empty() ? "" : ", ") + printable_name(each);
      hdf5::fail(file.path(), group, "holds no '" + printable_name(name) + "'",
                 meant.empty() ? "there are " + known : "did you mean '" + meant + "'?");
    }
    const auto key = group + "/" + name;
    const auto info = file.info(key);
    const bool vector = (info.type == hdf5::type_class::floating || info.type == hdf5::type_class::integer) &&
                        (info.shape.size() == 1 || (info.shape.size() == 2 && info.shape[1] >= 1));
    if (vector) out.push_back({name, info.shape.size() == 1 ? 1 : info.shape[1]});
    else if (all) pictures += (pictures.empty() ? "'" : ", '") + printable_name(name) + "'";
    else
      hdf5::fail(file.path(), key, "has shape " + shape_text(info.shape) + ": no vector, as observations are here",
                 "leave it out");
  }
  if (!pictures.empty())
    warnings.push_back({"pictures-left-out", pictures + " under 'obs' are no vectors and are left out"});
  if (out.empty()) hdf5::fail(file.path(), group, "holds no vectors", "give a file with low-dimensional observations");
  return out;
}
// The parts of 'obs' or 'next_obs' of a demonstration side by side.
TESSERA_INLINE void read_robomimic_observations(const hdf5::File& file, const std::string& group,
                                                const std::vector<RobomimicKey>& keys, std::int64_t rows,
                                                std::int64_t width, std::vector<float>& out) {
  file.require_memory(group, 4 * static_cast<double>(rows) * static_cast<double>(width));
  out.resize(std::size_t(rows * width));
  std::int64_t at = 0;
  for (const auto& [name, size] : keys) {
    const auto key = group + "/" + name;
    const auto shape = file.info(key).shape;
    if (shape.empty() || shape.size() > 2 || shape[0] != rows || (shape.size() == 2 ? shape[1] : 1) != size)
      hdf5::fail(file.path(), key,
                 "has shape " + shape_text(shape) + ", where " + shape_text({rows, size}) + " is expected",
                 "all demonstrations need the same observations, one for each action");
    const auto values = file.read<float>(key);
    flat_columns::require_finite(file, key, values, size);
    for (std::int64_t t = 0; t < rows; ++t) std::copy_n(values.begin() + t * size, size, out.begin() + t * width + at);
    at += size;
  }
}
}  // namespace detail

TESSERA_INLINE bool is_robomimic(const hdf5::File& file) {
  if (!file.is_group("data")) return false;
  for (const auto& name : file.keys("data", 16))
    if (detail::demo_number(name)) return true;
  return false;
}

TESSERA_INLINE Dataset read_robomimic(const hdf5::File& file, const RobomimicOptions& options) {
  const auto demos = detail::robomimic_demos(file, options.mask);
  if (demos.empty()) hdf5::fail(file.path(), "data", "holds no demonstration", "use a file with data");
  std::vector<Warning> warnings;
  const auto keys = detail::robomimic_keys(file, "data/" + demos[0], options.observation, warnings);
  std::int64_t n = 0;
  LogSpaces spaces;
  for (const auto& [name, size] : keys) {
    if (size > 1'000'000 || (n += size) > 1'000'000)
      hdf5::fail(file.path(), "data/" + demos[0] + "/obs/" + name, "has more than a million numbers in a row",
                 "leave it out: ?observation=KEY:KEY");
    const auto part = name_of_part(name);
    for (std::int64_t j = 0; j < size; ++j)
      spaces.observation_names.push_back(size == 1 ? part : part + "[" + std::to_string(j) + "]");
  }
  std::optional<EpisodeLog> log;
  std::vector<float> observations, after;
  RowCount no_rewards, no_dones;
  for (const auto& demo : demos) {
    const auto group = "data/" + demo, actions_key = group + "/actions";
    const auto shape = file.info(actions_key).shape;
    if (shape.size() != 2 || shape[1] < 1)
      hdf5::fail(file.path(), actions_key, "has shape " + shape_text(shape) + ", where (steps, numbers) is expected",
                 "reshape it");
    const auto rows = shape[0], d = shape[1];
    if (!log) log.emplace(file.path(), "robomimic", action_kind::continuous, n, d).hand_over(file.limits());
    if (d != log->data().action_size)
      hdf5::fail(file.path(), actions_key,
                 "has " + std::to_string(d) + " numbers in a row, but that of the first demonstration has " +
                     std::to_string(log->data().action_size),
                 "all demonstrations need the same actions");
    const auto column = [&](const char* name) {
      const auto key = group + "/" + name;
      flat_columns::require_column(file, key);
      if (file.info(key).shape[0] != rows)
        hdf5::fail(
            file.path(), key,
            "has " + std::to_string(file.info(key).shape[0]) + " rows, but 'actions' has " + std::to_string(rows),
            "write the file again");
      return key;
    };
    detail::read_robomimic_observations(file, group + "/obs", keys, rows, n, observations);
    const auto actions = file.read<float>(actions_key);
    flat_columns::require_finite(file, actions_key, actions, d);
    std::vector<float> rewards(std::size_t(rows), 0);
    if (file.exists(group + "/rewards")) {
      rewards = file.read<float>(column("rewards"));
      flat_columns::require_finite(file, group + "/rewards", rewards, 1);
    } else {
      no_rewards.add(log->episodes());
    }
    std::vector<std::uint8_t> dones;
    if (file.exists(group + "/dones")) dones = flat_columns::read_flags(file, column("dones"));
    else no_dones.add(log->episodes());
    EpisodeRows episode{
        .observations = observations, .actions = actions, .rewards = rewards, .terminals = dones, .truncated = true};
    if (file.exists(group + "/next_obs")) {
      detail::read_robomimic_observations(file, group + "/next_obs", keys, rows, n, after);
      episode.next_observations = after;
    }
    log->add(episode);
  }
  auto& data = log->data();
  data.warnings.insert(data.warnings.begin(), warnings.begin(), warnings.end());
  no_rewards.report(data.warnings, "no-rewards", "demonstrations without 'rewards': all are 0 there");
  no_dones.report(data.warnings, "no-dones", "demonstrations without 'dones': none of their states counts as an end");
  data.spaces = std::move(spaces);
  data.task.environment = detail::robomimic_environment(file.read_attribute("data", "env_args"));
  return log->finish();
}
}  // namespace tessera
