#include "run_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <tessera/data/error.hpp>

#include "files.hpp"
#include "picture.hpp"

namespace fs = std::filesystem;

namespace tessera::cli {
namespace {
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  if (!line.empty() && line.back() == ',') cells.emplace_back();
  return cells;
}
}  // namespace

void RunFolder::require_free(const std::string& path, bool overwrite) {
  if (fs::exists(path) && !fs::is_directory(path)) throw Error(path + ": is a file, not a folder; give another --out");
  if (fs::exists(path + "/config.json") && !overwrite)
    throw Error(path + ": already holds a run; go on with --resume " + path + ", replace it with --overwrite, or give another --out");
}

RunFolder RunFolder::create(const std::string& path, bool overwrite) {
  require_free(path, overwrite);
  RunFolder folder(path);
  std::error_code code;
  fs::create_directories(path, code);
  if (!fs::is_directory(path))
    throw Error(path + ": the folder cannot be made (" + code.message() + "); give another --out");
  for (const char* name : {"config.json", "metrics.csv", "curve.svg", "curve.png", "checkpoint.h5"}) fs::remove(folder.file(name), code);
  return folder;
}

RunFolder RunFolder::open(const std::string& path) {
  RunFolder folder(path);
  if (!fs::is_directory(path)) throw Error(path + ": there is no such folder; give the --out of an earlier `tessera train`");
  for (const auto& name : {folder.file("config.json"), folder.checkpoint()})
    if (!fs::exists(name)) throw Error(name + ": is missing; give the --out of a `tessera train` that saved a checkpoint");
  return folder;
}

void RunFolder::write_config(const json& config) const { write_text(file("config.json"), config.dump(2) + "\n"); }

json RunFolder::read_config() const {
  std::ifstream in(file("config.json"));
  try {
    return json::parse(in);
  } catch (const std::exception&) {
    throw Error(file("config.json") + ": is not valid JSON; restore it, or start a new run");
  }
}

void RunFolder::read_metrics(std::int64_t up_to) {
  std::ifstream in(file("metrics.csv"));
  std::string line;
  if (!std::getline(in, line)) return;
  const auto names = split(line);
  for (int number = 2; std::getline(in, line); ++number) {
    const auto cells = split(line);
    try {
      if (cells.size() != names.size() || names.size() < 4) throw std::runtime_error("cells");
      Row row{std::stoll(cells[0]), std::stod(cells[1]), {}};
      if (row.updates > up_to) break;
      for (std::size_t i = 2; i < cells.size(); ++i) {
        if (cells[i].empty()) continue;
        const double x = std::stod(cells[i]);
        if (names[i] == "return_mean") row.return_mean = x;
        else if (names[i] == "return_std") row.return_std = x;
        else row.metrics.emplace_back(names[i], x);
      }
      rows_.push_back(std::move(row));
    } catch (const std::exception&) {
      throw Error(fmt::format("{}: line {} cannot be read; remove the file to go on without its history", file("metrics.csv"), number));
    }
  }
}

void RunFolder::write_metrics() const {
  std::vector<std::string> names;
  for (const auto& row : rows_)
    for (const auto& [name, x] : row.metrics)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  std::string text = "updates,seconds,return_mean,return_std";
  for (const auto& name : names) text += "," + name;
  text += "\n";
  for (const auto& row : rows_) {
    text += fmt::format("{},{:.3f},", row.updates, row.seconds);
    text += (row.return_mean ? fmt::format("{},{}", *row.return_mean, *row.return_std) : ",");
    for (const auto& name : names) {
      const auto found = std::find_if(row.metrics.begin(), row.metrics.end(), [&](const auto& m) { return m.first == name; });
      text += found == row.metrics.end() ? "," : fmt::format(",{}", found->second);
    }
    text += "\n";
  }
  write_text(file("metrics.csv"), text);
}

bool RunFolder::draw_curve(const std::string& title, double behaviour) const {
  std::string points, band;
  for (const auto& row : rows_)
    if (row.return_mean) {
      points += fmt::format("{} {}\n", row.updates, *row.return_mean);
      band += fmt::format("{} {} {}\n", row.updates, *row.return_mean - *row.return_std, *row.return_mean + *row.return_std);
    }
  if (points.empty()) return true;
  std::string script = fmt::format(
      "$points << EOD\n{}EOD\n$band << EOD\n{}EOD\n"
      "set title name noenhanced\nset xlabel 'updates'\nset ylabel 'episode return'\n"
      "set key outside top center horizontal\nset grid lc rgb '#dddddd' lt 1\nset border 3\nset tics nomirror\nset xrange [0:*]\n"
      "set style fill transparent solid 0.2 noborder\nset format x '%.0f'\n"
      "behaviour = {}\n",
      points, band, behaviour);
  const char* plot =
      "plot $band using 1:2:3 with filledcurves lc rgb '#1f77b4' title 'one standard deviation over episodes', "
      "$points using 1:2 with linespoints lw 2 pt 7 ps 0.6 lc rgb '#1f77b4' title 'policy', "
      "behaviour with lines lw 2 dt 2 lc rgb '#444444' title 'behaviour policy (data)'\n";
  return draw(file("curve"), 900, 560, title, script + plot);
}
}  // namespace tessera::cli
