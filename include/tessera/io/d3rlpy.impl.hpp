#pragma once
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/d3rlpy.hpp>
#include <tessera/support/inline.hpp>

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

TESSERA_INLINE Dataset read_d3rlpy(const hdf5::File& file) {
  for (const char* key : {"columns", "num_episodes", "observations_0"})
    if (file.exists(key))
      hdf5::fail(file.path(), key, "belongs to the d3rlpy layout 2.x, which is not read yet",
                 "save the data in the layout of d3rlpy 1 (flat 'observations', 'actions', ...)");
  const std::vector<std::string> keys = {"observations", "actions", "rewards", "terminals", "episode_terminals"};
  flat_columns::require_keys(file, "d3rlpy 1", keys);
  flat_columns::require_equal_rows(file, keys);

  FlatRows rows;
  rows.name = file.path();
  rows.format = "d3rlpy-v1";
  const bool discrete = file.exists("discrete_action") ? file.read_scalar<double>("discrete_action") != 0
                                                       : file.info("actions").type == hdf5::type_class::integer;
  flat_columns::read_steps(file, discrete, rows);
  rows.terminals = flat_columns::read_flags(file, "terminals");
  const auto episode_ends = flat_columns::read_flags(file, "episode_terminals");
  reconcile_ends(rows, episode_ends);
  rows.timeouts.resize(rows.rewards.size());
  for (std::size_t i = 0; i < rows.timeouts.size(); ++i)
    rows.timeouts[i] = episode_ends[i] != 0 && rows.terminals[i] == 0;
  return assemble(std::move(rows));
}
}  // namespace tessera
