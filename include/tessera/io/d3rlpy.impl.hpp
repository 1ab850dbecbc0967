#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/io/d3rlpy.hpp>
#include <tessera/io/row_windows.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>

namespace tessera {
TESSERA_INLINE void reconcile_ends(FlatRows& rows, const std::vector<std::uint8_t>& episode_ends) {
  RowCount doubled, inside;
  const auto logged = rows.terminals;
  for (std::size_t i = 0; i < logged.size(); ++i) {
    if (logged[i] == 0 || episode_ends[i] != 0) continue;
    const bool twice = i + 1 < logged.size() && logged[i + 1] != 0 && episode_ends[i + 1] != 0;
    if (twice) rows.terminals[i] = 0;
    (twice ? doubled : inside).add(static_cast<std::int64_t>(i));
  }
  doubled.report(rows.warnings, "doubled-terminal",
                 "'terminals' is set one row before the terminal that ends the episode as well; the early flag "
                 "was cleared");
  inside.report(rows.warnings, "terminal-inside-episode",
                "'terminals' is set where 'episode_terminals' is not; the episode was ended there");
}

namespace detail {
// The rows of a file of d3rlpy 1, or of a part of it.
TESSERA_INLINE Dataset read_d3rlpy_rows(const hdf5::File& file, bool discrete) {
  FlatRows rows;
  rows.name = file.path(), rows.format = "d3rlpy-v1", rows.part = file.limits().hand_over != nullptr;
  flat_columns::read_steps(file, discrete, rows);
  rows.terminals = flat_columns::read_flags(file, "terminals");
  const auto episode_ends = flat_columns::read_flags(file, "episode_terminals");
  reconcile_ends(rows, episode_ends);
  rows.timeouts.resize(rows.rewards.size());
  for (std::size_t i = 0; i < rows.timeouts.size(); ++i)
    rows.timeouts[i] = episode_ends[i] != 0 && rows.terminals[i] == 0;
  return assemble(std::move(rows));
}
}  // namespace detail

TESSERA_INLINE Dataset read_d3rlpy(const hdf5::File& file) {
  for (const char* key : {"columns", "num_episodes", "observations_0", "observations_0_0"})
    if (file.exists(key)) return read_d3rlpy_2(file);
  const std::vector<std::string> keys = {"observations", "actions", "rewards", "terminals", "episode_terminals"};
  flat_columns::require_keys(file, "d3rlpy 1", keys);
  flat_columns::require_equal_rows(file, keys);
  const bool discrete = file.exists("discrete_action") ? file.read_scalar<double>("discrete_action") != 0
                                                       : file.info("actions").type == hdf5::type_class::integer;
  if (!file.limits().hand_over) return detail::read_d3rlpy_rows(file, discrete);
  const auto ends = flat_columns::read_flags(file, "episode_terminals");
  const auto n = double(flat_columns::row_size(file, "observations")),
             d = discrete ? 2 : double(flat_columns::row_size(file, "actions"));
  const auto windows = windows_of_episodes(
      std::int64_t(ends.size()), [&](std::int64_t i) { return ends[std::size_t(i)] != 0; }, 4 * (n + d + 1) + 24,
      file.limits(), printable(file.path()));
  return read_windows(file, std::int64_t(ends.size()), windows, [&](const hdf5::File& part, const RowWindow&) {
    return detail::read_d3rlpy_rows(part, discrete);
  });
}

namespace detail {
// The parts of an observation: one, or as many as the first episode has.
struct D3rlpyParts {
  std::vector<std::string> suffixes;  // of 'observations_i'
  std::vector<std::int64_t> sizes;
  std::int64_t size = 0;
};
TESSERA_INLINE D3rlpyParts d3rlpy_parts(const hdf5::File& file, LogSpaces& spaces, std::vector<Warning>& warnings) {
  D3rlpyParts out;
  const std::string first = "observations_0";
  constexpr std::size_t most = 64;
  if (file.exists(first)) out.suffixes = {""};
  else
    for (std::size_t j = 0; j < most && file.exists(first + "_" + std::to_string(j)); ++j)
      out.suffixes.push_back("_" + std::to_string(j));
  if (out.suffixes.empty()) hdf5::fail(file.path(), first, "is missing", "a d3rlpy 2.1 file must contain it");
  for (const auto& suffix : out.suffixes) {
    const auto key = first + suffix;
    out.sizes.push_back(flat_columns::row_size(file, key));
    flat_columns::report_flattened(file.info(key).shape, warnings);
    if ((out.size += out.sizes.back()) > 1'000'000)
      hdf5::fail(file.path(), key, "has more than a million numbers in a row", "give a file of smaller observations");
    if (suffix.empty()) continue;
    const auto name = suffix.substr(1);
    for (std::int64_t k = 0; k < out.sizes.back(); ++k)
      spaces.observation_names.push_back(out.sizes.back() == 1 ? name : name + "[" + std::to_string(k) + "]");
  }
  return out;
}
}  // namespace detail

TESSERA_INLINE Dataset read_d3rlpy_2(const hdf5::File& file) {
  flat_columns::require_keys(file, "d3rlpy 2.1", {"num_episodes", "actions_0", "rewards_0", "terminated_0"});
  const auto episodes = file.read_scalar<std::int64_t>("num_episodes");
  if (episodes < 1 || std::uint64_t(episodes) > file.count_keys())
    hdf5::fail(file.path(), "num_episodes",
               "is " + std::to_string(episodes) + ", and the file has " + std::to_string(file.count_keys()) + " keys",
               "the file is damaged or was never completed: copy or download it again");
  LogSpaces spaces;
  std::vector<Warning> warnings;
  const auto parts = detail::d3rlpy_parts(file, spaces, warnings);
  const auto first_actions = file.info("actions_0");
  const bool discrete = first_actions.type == hdf5::type_class::integer;
  const auto d = discrete || first_actions.shape.size() != 2 ? 1 : first_actions.shape[1];
  EpisodeLog log(file.path(), "d3rlpy-v2", discrete ? action_kind::discrete : action_kind::continuous, parts.size, d);
  log.data().warnings = std::move(warnings), log.data().spaces = std::move(spaces);
  log.hand_over(file.limits());
  const auto shaped = [&](const std::string& key, const std::vector<std::int64_t>& shape, std::int64_t rows,
                          std::int64_t size) {
    std::int64_t count = shape.empty() ? 0 : 1;
    for (std::size_t k = 1; k < shape.size() && count <= size; ++k) count *= std::min(shape[k], size + 1);
    if (shape.empty() || count != size || (rows >= 0 && shape[0] != rows))
      hdf5::fail(file.path(), key,
                 "has shape " + shape_text(shape) + ", where " +
                     (rows >= 0 ? std::to_string(rows) + " rows" : std::string("rows")) + " of " +
                     std::to_string(size) + " are expected",
                 size == 1 && key.starts_with("actions")
                     ? "number the combinations of several discrete choices from 0 in one column"
                     : "all episodes need the same columns, and one entry for every step");
  };
  std::vector<float> observations;
  for (std::int64_t e = 0; e < episodes; ++e) {
    const auto id = std::to_string(e), actions_key = "actions_" + id, rewards_key = "rewards_" + id;
    std::vector<std::int64_t> shape;
    EpisodeRows rows;
    const auto rewards = file.read<float>(rewards_key, shape);
    const auto steps = std::int64_t(rewards.size());
    shaped(rewards_key, shape, -1, 1);
    file.require_memory("observations_" + id, 4 * static_cast<double>(steps) * static_cast<double>(parts.size));
    observations.resize(std::size_t(steps * parts.size));
    std::int64_t at = 0;
    for (std::size_t j = 0; j < parts.suffixes.size(); ++j) {
      const auto key = "observations_" + id + parts.suffixes[j];
      const auto size = parts.sizes[j];
      const auto part = file.read<float>(key, shape);
      shaped(key, shape, steps, size);
      for (std::int64_t t = 0; t < steps; ++t)
        std::copy_n(part.begin() + t * size, size, observations.begin() + t * parts.size + at);
      at += size;
    }
    std::vector<float> actions;
    std::vector<std::int64_t> indices;
    if (discrete) {
      indices = file.read<std::int64_t>(actions_key, shape);
      shaped(actions_key, shape, steps, 1);
      for (const auto index : indices) {
        if (index < 0 || index >= flat_columns::max_actions)
          hdf5::fail(file.path(), actions_key,
                     "holds the action index " + std::to_string(index) + ", outside 0 .. " +
                         std::to_string(flat_columns::max_actions - 1),
                     "correct the file, or store continuous actions as floats");
        log.data().action_size = std::max(log.data().action_size, index + 1);
      }
    } else {
      actions = file.read<float>(actions_key, shape);
      shaped(actions_key, shape, steps, d);
    }
    const auto terminated = file.read_scalar<double>("terminated_" + id);
    rows.observations = observations, rows.actions = actions, rows.action_indices = indices, rows.rewards = rewards;
    rows.terminated = terminated != 0, rows.truncated = !rows.terminated;
    log.add(rows);
  }
  return log.finish();
}
}  // namespace tessera
