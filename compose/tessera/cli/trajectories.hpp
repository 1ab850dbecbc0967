#pragma once
#include <cstddef>
#include <string>

#include <tessera/cli/any_task.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/flat_rows.hpp>

namespace tessera::cli {
/// A picture of episodes: gnuplot's commands for `undrawn`, and its size.
struct Picture {
  std::string script;
  int width = 0, height = 0;
};

/// Draws episodes of a task, a color each: from above, with walls, starts and goal, where the task has a floor plan;
/// else the numbers of observations and actions against the steps, of which there are drawn so many at most:
inline constexpr std::size_t most_observations_drawn = 12, most_actions_drawn = 4;
/// `rows` has next observations, and every episode is marked.
Picture picture_of(const AnyTask& task, const FlatRows& rows);

/// How many episodes are at the goal after some step.
std::size_t reaching(const FloorPlan& plan, const FlatRows& rows);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/trajectories.hpp>
#endif
