#pragma once
#include <optional>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>
#include <tessera/cli/seed_run.hpp>

namespace tessera::cli {
/// What the runs of a group have come to: a table on standard error and in seeds.csv or grid.csv, statistics in
/// result.json and, as one line of JSON, on standard output, and the picture curves.svg, curves.png.  `behavior`: the
/// mean return of the data.
void report_runs(const std::string& out, const std::vector<SeedRun>& runs, std::optional<double> behavior,
                 double seconds);
/// The behavior policy's return as the result of a run says it, or that of an earlier call.
std::optional<double> behavior_in(const std::string& text);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/seeds_report.hpp>
#endif
