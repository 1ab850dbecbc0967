#pragma once
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include <tessera/cli/files.hpp>
#include <tessera/cli/folder.hpp>
#include <tessera/cli/report.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

TESSERA_CLI_INLINE ReportedRun read_run(const std::string& folder) {
  std::error_code code;
  if (!fs::is_directory(folder, code))
    throw Error(folder + ": there is no such folder; give the --out of an earlier `" + program_name() + " train`");
  ReportedRun out;
  out.folder = folder;
  const auto config = file_of(folder, "config.json"), metrics = file_of(folder, "metrics.csv");
  for (const auto& file : {config, metrics})
    if (!fs::exists(file, code))
      throw Error(file + ": is missing; give the --out of a `" + program_name() + " train` that has saved");
  const auto text = small_file(config);
  if (!text) throw Error(config + ": is not a file of at most 1 MB that can be read; restore it, or leave the run out");
  if (is_model_config(*text))
    throw Error(folder + ": holds a dynamics model, and no run; see `" + program_name() + " model inspect " + folder +
                "`");
  out.config = read_run_config(config, *text);
  std::ifstream in(metrics);
  std::string names;
  if (!fs::is_regular_file(metrics, code) || !std::getline(in, names) ||
      !names.starts_with("updates,seconds,return_mean,return_std"))
    throw Error(metrics + ": does not begin with the names of its columns; restore it, or leave the run out");
  out.rows = RunFolder::rows_of(folder);
  out.checkpoint = fs::exists(file_of(folder, "checkpoint.safetensors"), code);
  const auto written = fs::last_write_time(metrics, code);
  if (!code)
    out.written_at =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::file_clock::to_sys(written).time_since_epoch())
            .count();
  return out;
}

TESSERA_CLI_INLINE std::size_t write_report(const std::vector<std::string>& folders, const std::string& out) {
  if (!out.ends_with(".html"))
    throw Error("--out: '" + printable(out) + "' does not end in .html; give the name of a page");
  const fs::path path(out);
  std::error_code code;
  const auto parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(parent, code))
    throw Error(parent.string() + ": there is no such folder; make it, or give another --out");
  std::vector<ReportedRun> runs;
  std::set<std::string> seen;
  for (const auto& folder : folders) {
    runs.push_back(read_run(folder));
    if (!seen.insert(fs::weakly_canonical(folder, code).string()).second)
      throw Error(folder + ": is given twice; leave it out once");
  }
  const auto page = report_html(runs);
  write_text(out, page);
  std::size_t charts = 0;
  for (auto at = page.find("<svg "); at != std::string::npos; at = page.find("<svg ", at + 1)) ++charts;
  return charts;
}
}  // namespace tessera::cli
