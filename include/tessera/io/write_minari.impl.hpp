#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <tessera/io/hdf5.hpp>
#include <tessera/io/write_minari.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/atomic_folder.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::detail {
using ordered_json = nlohmann::ordered_json;

// A list as Python's json writes it, which has words for numbers that are not finite.
TESSERA_INLINE std::string python_list(const std::vector<float>& numbers) {
  std::string out = "[";
  for (const double x : numbers) {
    char text[32];
    out += out.size() == 1 ? "" : ", ";
    if (std::isinf(x)) out += x < 0 ? "-Infinity" : "Infinity";
    else out.append(text, std::to_chars(text, text + sizeof text, x).ptr);
  }
  return out + "]";
}
TESSERA_INLINE std::string names_field(const std::vector<std::string>& names) {
  if (names.empty()) return "";
  return ", \"names\": " + ordered_json(names).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}
TESSERA_INLINE std::string minari_box(std::int64_t size, std::vector<float> low, std::vector<float> high,
                                      const std::vector<std::string>& names) {
  constexpr auto infinity = std::numeric_limits<float>::infinity();
  if (low.empty()) low.assign(std::size_t(size), -infinity);
  if (high.empty()) high.assign(std::size_t(size), infinity);
  return "{\"type\": \"Box\", \"dtype\": \"float32\", \"shape\": [" + std::to_string(size) +
         "], \"low\": " + python_list(low) + ", \"high\": " + python_list(high) + names_field(names) + "}";
}
TESSERA_INLINE std::string minari_actions(const Dataset& data) {
  const auto& s = data.spaces;
  if (data.kind == action_kind::continuous) {
    const bool declared = data.limits_from != limits_origin::seen;
    return minari_box(data.action_size, declared ? data.action_low : std::vector<float>{},
                      declared ? data.action_high : std::vector<float>{}, s.action_names);
  }
  if (s.action_factors.empty())
    return "{\"type\": \"Discrete\", \"dtype\": \"int64\", \"start\": " + std::to_string(s.first_action) +
           ", \"n\": " + std::to_string(data.action_size) + names_field(s.action_names) + "}";
  return "{\"type\": \"MultiDiscrete\", \"dtype\": \"int64\", \"nvec\": " + ordered_json(s.action_factors).dump() +
         ", \"start\": " + ordered_json(std::vector<int>(s.action_factors.size(), 0)).dump() +
         names_field(s.action_names) + "}";
}
// "walks/Hopper data" is "Hopper-data-v0".
TESSERA_INLINE std::string minari_id(const std::string& path) {
  auto folder = std::filesystem::path(path);
  if (!folder.has_filename()) folder = folder.parent_path();
  auto id = folder.filename().string();
  for (char& c : id)
    if (!(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_')) c = '-';
  const auto version = id.rfind("-v");
  const bool has = version != std::string::npos && version > 0 && version + 2 < id.size() &&
                   id.find_first_not_of("0123456789", version + 2) == std::string::npos;
  return has ? id : id + "-v0";
}
TESSERA_INLINE std::string minari_metadata(const std::string& path, const Dataset& data, const EpisodeParts& all,
                                           std::uint64_t bytes) {
  ordered_json out = {{"total_episodes", all.parts().size()},
                      {"total_steps", all.steps()},
                      {"data_format", "hdf5"},
                      {"jpeg_encoding", false}};
  out["observation_space"] = minari_box(data.observation_size, data.spaces.observation_low,
                                        data.spaces.observation_high, data.spaces.observation_names);
  out["action_space"] = minari_actions(data);
  const auto& task = data.task;
  // Gymnasium refuses other names.
  const bool named =
      !task.environment.empty() && std::all_of(task.environment.begin(), task.environment.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("-_.:/").find(c) != std::string_view::npos;
      });
  if (named) {
    ordered_json spec = {
        {"id", task.environment}, {"entry_point", nullptr}, {"reward_threshold", nullptr}, {"nondeterministic", false}};
    spec["max_episode_steps"] = task.max_steps > 0 ? ordered_json(task.max_steps) : ordered_json(nullptr);
    spec["order_enforce"] = true, spec["disable_env_checker"] = false;
    spec["kwargs"] = ordered_json::object(), spec["additional_wrappers"] = ordered_json::array();
    spec["vector_entry_point"] = nullptr;
    out["env_spec"] = spec.dump();
  }
  if (std::isfinite(task.score_zero)) out["ref_min_score"] = task.score_zero;
  if (std::isfinite(task.score_hundred)) out["ref_max_score"] = task.score_hundred;
  out["dataset_size"] = std::round(double(bytes) / 1e5) / 10;  // in MB, with one digit
  out["dataset_id"] = minari_id(path);
  for (const char* nobody : {"author", "author_email"}) out[nobody] = ordered_json::array();
  for (const char* nothing : {"code_permalink", "algorithm_name"}) out[nothing] = "";
  out["description"] = "";
  out["minari_version"] = "0.5.4", out["requirements"] = ordered_json::array();
  return out.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE Losses write_minari(const std::string& path, const Dataset& data) {
  const EpisodeParts all(data);
  const auto n = data.observation_size, d = data.action_size;
  const auto& s = data.spaces;
  write_folder_atomically(path, [&](const std::string& name) {
    namespace fs = std::filesystem;
    fs::create_directory(name + "/data");
    auto file = hdf5::File::create(name + "/data/main_data.hdf5");
    std::vector<float> piece;
    std::vector<std::int64_t> indices;
    std::vector<std::uint8_t> flags;
    std::int64_t episode = 0;
    for (const auto& part : all.parts()) {
      const auto group = "episode_" + std::to_string(episode) + "/";
      const auto begin = std::ptrdiff_t(part.first), end = begin + std::ptrdiff_t(part.steps);
      piece.clear();
      all.observations(part, piece);
      file.write(group + "observations", piece, {part.steps + 1, n});
      if (data.kind == action_kind::continuous) {
        piece.assign(data.actions.begin() + begin * d, data.actions.begin() + end * d);
        file.write(group + "actions", piece, {part.steps, d});
      } else {
        indices.clear();
        for (auto i = part.first; i < part.first + part.steps; ++i) {
          const auto action = data.action_indices[std::size_t(i)];
          if (s.action_factors.empty()) indices.push_back(s.first_action + action);
          else
            for (const auto choice : detail::choices_of(action, s.action_factors)) indices.push_back(choice);
        }
        if (s.action_factors.empty()) file.write(group + "actions", indices);
        else file.write(group + "actions", indices, {part.steps, std::int64_t(s.action_factors.size())});
      }
      piece.assign(data.rewards.begin() + begin, data.rewards.begin() + end);
      file.write(group + "rewards", piece);
      flags.assign(data.terminals.begin() + begin, data.terminals.begin() + end);
      file.write_flags(group + "terminations", flags, {part.steps});
      flags.assign(std::size_t(part.steps), 0), flags.back() = part.truncated;
      file.write_flags(group + "truncations", flags, {part.steps});
      file.write_attribute(group, "id", episode);
      file.write_attribute(group, "total_steps", part.steps);
      if (!part.knows_last) file.write_attribute(group, "last_observation", std::string("unknown"));
      ++episode;
    }
    file.close();
    const auto metadata =
        detail::minari_metadata(path, data, all, std::uint64_t(fs::file_size(name + "/data/main_data.hdf5")));
    write_atomically(name + "/data/metadata.json", [&](AtomicFile& to) { to.write(metadata); });
  });

  Losses lost;
  all.lose_propensities(lost), all.lose_rows(lost);
  if (data.kind == action_kind::discrete && !s.action_factors.empty() && s.first_action != 0)
    lost.push_back({"first-action", "that the task's first action is " + std::to_string(s.first_action) +
                                        " is not held beside the choices that an action is of"});
  all.lose_unknown_next(lost,
                        "their own observation is written in its place, with a mark that only this program knows");
  all.lose_inner_terminals(lost, "read again, it ends there");
  all.lose_own_next(lost, "the next one's observation is held alone");
  return lost;
}
}  // namespace tessera
