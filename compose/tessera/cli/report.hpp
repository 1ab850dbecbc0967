#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_folder.hpp>

namespace tessera::cli {
/// What the folder of a run says of it.
struct ReportedRun {
  std::string folder;
  RunConfig config{};
  std::vector<Row> rows{};
  bool checkpoint = true;       ///< false: it ended before its first one
  std::int64_t written_at = 0;  ///< when metrics.csv was, in seconds since the beginning of 1970
};
/// Reads it.  Throws an Error if config.json or metrics.csv is missing or cannot be read; a checkpoint is not needed.
ReportedRun read_run(const std::string& folder);

/// A page of HTML about one run or several: results, curves, settings and where they differ, what was found in the
/// data, platform.  It needs no other file, no network and no script, and text from the runs cannot change it.
std::string report_html(const std::vector<ReportedRun>& runs);

/// Writes such a page about the runs in these folders to a file that ends in .html, and returns how many charts it has.
/// Throws an Error, before anything is written, if one of them cannot be read.
std::size_t write_report(const std::vector<std::string>& folders, const std::string& out);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/report.hpp>
#include <tessera/cli/impl/report_page.hpp>
#endif
