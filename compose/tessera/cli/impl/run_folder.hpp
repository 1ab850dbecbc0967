#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <tessera/cli/files.hpp>
#include <tessera/cli/folder.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/io/scalar_events.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/number_text.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
// The update of a checkpoint that stays, "checkpoint-1000.safetensors"; nothing of another name.
inline std::optional<std::int64_t> kept_updates(std::string_view name) {
  constexpr std::string_view before = "checkpoint-", after = ".safetensors";
  if (!name.starts_with(before) || !name.ends_with(after)) return std::nullopt;
  return whole_number<std::int64_t>(name.substr(before.size(), name.size() - before.size() - after.size()));
}
inline bool is_derived(const std::string& name) { return ScalarLog::is_ours(name) || kept_updates(name).has_value(); }
inline const FolderKind& run_kind() {
  static const FolderKind kind{"run",
                               {"config.json", "metrics.csv", "ope.safetensors", "checkpoint.safetensors"},
                               {"curve.svg", "curve.png", "checkpoint.h5", "online.bin", "best.safetensors"},
                               is_run_config,
                               &is_derived};
  return kind;
}

inline std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t from = 0; from <= line.size();) {
    const auto comma = std::min(line.find(',', from), line.size());
    cells.push_back(line.substr(from, comma - from));
    from = comma + 1;
  }
  return cells;
}
template <class T>
std::optional<T> number(const std::string& cell) {
  T x{};
  const auto read = std::from_chars(cell.data(), cell.data() + cell.size(), x);
  if (read.ec != std::errc{} || read.ptr != cell.data() + cell.size()) return std::nullopt;
  return x;
}

// Of training, as metrics.csv has them.
inline std::string seconds_text(double seconds) { return fmt::format("{:.3f}", seconds); }

inline bool holds_checkpoint(const std::string& path) {
  return fs::exists(file_of(path, "checkpoint.safetensors")) || fs::exists(path + "/checkpoint.h5");
}
inline Error held(const std::string& path) {
  return Error(path + ": already holds a run; go on with --resume " + path +
               ", replace it with --overwrite, or give another --out");
}
// The text of a run's config.json.  Throws an Error if there is no run.
inline std::string config_of_run(const std::string& path) {
  if (!fs::is_directory(path))
    throw Error(path + ": there is no such folder; give the --out of an earlier `" + program_name() + " train`");
  const auto config = file_of(path, "config.json"), checkpoint = file_of(path, "checkpoint.safetensors");
  if (const auto of_seeds = small_file(config); of_seeds && is_seeds_config(*of_seeds) && has_grid(*of_seeds))
    throw Error(path + ": holds the runs of a grid; name one of them");
  else if (of_seeds && is_seeds_config(*of_seeds))
    throw Error(path + ": holds the runs of several seeds; name one of them, such as " + path + "/seed-0");
  if (!fs::exists(config))
    throw Error(config + ": is missing; give the --out of a `" + program_name() + " train` that saved a checkpoint");
  if (!fs::exists(checkpoint) && fs::exists(path + "/checkpoint.h5"))
    throw Error(
        path +
        "/checkpoint.h5: is of an earlier version, whose checkpoints are not read any more; train again, with --out " +
        path + " --overwrite");
  if (!fs::exists(checkpoint))
    throw Error(
        checkpoint +
        ": is missing: the run ended before its first checkpoint; start it again with the command that started it");
  auto text = small_file(config);
  if (!text) throw Error(config + ": is not a file of at most 1 MB that can be read; restore it, or start a new run");
  return *std::move(text);
}
}  // namespace detail

TESSERA_CLI_INLINE void RunFolder::require_free(const std::string& path, bool overwrite) {
  std::error_code code;
  if (fs::exists(path, code) && !fs::is_directory(path, code))
    throw Error(path + ": is a file, not a folder; give another --out");
  if (const auto name = foreign_file(path, detail::run_kind()))
    throw Error(fmt::format(
        "{}: holds {}, which is of no run and would be replaced; move it away, or give another --out", path, *name));
  if (!overwrite && detail::holds_checkpoint(path)) throw detail::held(path);
}

TESSERA_CLI_INLINE RunFolder RunFolder::create(const std::string& path, bool overwrite) {
  require_free(path, overwrite);
  RunFolder out(HeldFolder(path, detail::run_kind(), true), true);
  require_free(path, overwrite);  // held: nobody changes it from now on
  return out;
}

TESSERA_CLI_INLINE RunFolder RunFolder::create_fresh(const std::string& path) {
  for (int i = 1;; ++i) {
    const auto each = i == 1 ? path : fmt::format("{}-{}", path, i);
    std::error_code code;
    if (fs::exists(each, code) && !fs::is_directory(each, code)) continue;
    if (fs::exists(each, code) && (detail::holds_checkpoint(each) || foreign_file(each, detail::run_kind()))) continue;
    try {
      return create(each, false);
    } catch (const Held&) {  // taken by a run that started at the same time
    }
  }
}

TESSERA_CLI_INLINE std::optional<std::string> RunFolder::run_that_keeps(const std::string& path) {
  const fs::path file(path);
  const auto name = file.filename().string();
  std::error_code code;
  if ((name != best_name && !detail::kept_updates(name)) || !fs::is_regular_file(file, code)) return std::nullopt;
  const auto run = file.parent_path().string();
  return run.empty() ? "." : run;
}

TESSERA_CLI_INLINE std::string RunFolder::kept(std::int64_t updates) const {
  return folder_.file(fmt::format("checkpoint-{}.safetensors", updates));
}

TESSERA_CLI_INLINE std::string RunFolder::following_of(const std::string& run) { return file_of(run, following_name); }

TESSERA_CLI_INLINE RunFolder RunFolder::resume(const std::string& path) {
  detail::config_of_run(path);
  RunFolder out(HeldFolder(path, detail::run_kind(), false), false);
  detail::config_of_run(path);
  return out;
}

TESSERA_CLI_INLINE std::string RunFolder::checkpoint_of(const std::string& path) {
  if (const auto run = run_that_keeps(path)) return detail::config_of_run(*run), path;
  detail::config_of_run(path);
  return file_of(path, checkpoint_name);
}

TESSERA_CLI_INLINE RunConfig RunFolder::config_of(const std::string& path) {
  if (const auto run = run_that_keeps(path)) return config_of(*run);
  return read_run_config(file_of(path, "config.json"), detail::config_of_run(path));
}

TESSERA_CLI_INLINE void RunFolder::write_config(const RunConfig& config) const {
  write_text(folder_.file("config.json"), config_text(config));
}

TESSERA_CLI_INLINE void RunFolder::save(const RunConfig& config,
                                        const std::function<void(const std::string&)>& write_checkpoint,
                                        const std::function<void(const std::string&)>& write_following) {
  if (!fresh_) {
    write_rows();
    if (write_following) write_following(following());
    write_checkpoint(checkpoint());
    return;
  }
  folder_.stage();
  try {
    write_text(folder_.staged("config.json"), config_text(config));
    write_text(folder_.staged("metrics.csv"), metrics_text());
    if (write_following) write_following(folder_.staged(following_name));
    write_checkpoint(folder_.staged(checkpoint_name));
  } catch (...) {
    folder_.discard();
    throw;
  }
  folder_.commit();
  if (!write_following) std::remove(following().c_str());  // of the run that this one replaces
  fresh_ = false;
  write_events();
}

TESSERA_CLI_INLINE void RunFolder::save_history(const RunConfig& config) {
  if (!fresh_) return write_rows();
  if (detail::holds_checkpoint(path())) return;
  folder_.stage();
  write_text(folder_.staged("config.json"), config_text(config));
  write_text(folder_.staged("metrics.csv"), metrics_text());
  folder_.commit();
  write_events();
}

TESSERA_CLI_INLINE void RunFolder::write_rows() {
  write_text(folder_.file("metrics.csv"), metrics_text());
  write_events();
}

TESSERA_CLI_INLINE void RunFolder::write_events_from(std::int64_t update) { events_from_ = update; }

// Every number of metrics.csv, as it stands there, under the name of its column.
TESSERA_CLI_INLINE void RunFolder::write_events() {
  if (!events_from_ || rows_.empty()) return;
  if (!events_) events_.emplace(path(), *events_from_);
  // When a row was made: seconds of training ago.
  const double now = tessera::detail::seconds_since_1970(), seconds = rows_.back().seconds;
  for (const auto& row : rows_) {
    ScalarEvent event{now - (seconds - row.seconds), row.updates, {}};
    const auto add = [&](const std::string& name, double x) { event.scalars.emplace_back(name, float(x)); };
    add("seconds", detail::number<double>(detail::seconds_text(row.seconds)).value_or(row.seconds));
    if (row.return_mean) add("return_mean", *row.return_mean), add("return_std", *row.return_std);
    for (const auto& [name, x] : row.metrics) add(name, x);
    events_->add(std::move(event));
  }
  events_->write();
}

TESSERA_CLI_INLINE std::vector<Row> RunFolder::rows_of(const std::string& path, std::int64_t up_to) {
  if (const auto run = run_that_keeps(path)) return rows_of(*run, up_to);
  const auto file = file_of(path, "metrics.csv");
  std::ifstream in(file);
  std::string line;
  std::vector<Row> rows;
  if (!std::getline(in, line)) return rows;
  const auto names = detail::split(line);
  const auto row_of = [&](const std::vector<std::string>& cells) -> std::optional<Row> {
    if (cells.size() != names.size() || names.size() < 4) return std::nullopt;
    const auto updates = detail::number<std::int64_t>(cells[0]);
    const auto seconds = detail::number<double>(cells[1]);
    if (!updates || !seconds) return std::nullopt;
    Row row{*updates, *seconds, {}};
    for (std::size_t i = 2; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      const auto x = detail::number<double>(cells[i]);
      if (!x) return std::nullopt;
      if (names[i] == "return_mean") row.return_mean = *x;
      else if (names[i] == "return_std") row.return_std = *x;
      else row.metrics.emplace_back(names[i], *x);
    }
    if (row.return_mean.has_value() != row.return_std.has_value()) return std::nullopt;
    return row;
  };
  for (int at = 2; std::getline(in, line); ++at) {
    auto row = row_of(detail::split(line));
    if (!row)
      throw Error(fmt::format("{}: line {} cannot be read; remove the file to go on without its history", file, at));
    if (row->updates > up_to) break;
    rows.push_back(*std::move(row));
  }
  return rows;
}

TESSERA_CLI_INLINE std::string RunFolder::metrics_text() const {
  std::vector<std::string> names;
  for (const auto& row : rows_)
    for (const auto& [name, x] : row.metrics)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  std::string text = "updates,seconds,return_mean,return_std";
  for (const auto& name : names) text += "," + name;
  text += "\n";
  // The shortest text that reads back as the same number.
  for (const auto& row : rows_) {
    text += fmt::format("{},{},", row.updates, detail::seconds_text(row.seconds));
    text += (row.return_mean ? fmt::format("{},{}", *row.return_mean, *row.return_std) : ",");
    for (const auto& name : names) {
      const auto found =
          std::find_if(row.metrics.begin(), row.metrics.end(), [&](const auto& m) { return m.first == name; });
      text += found == row.metrics.end() ? "," : fmt::format(",{}", found->second);
    }
    text += "\n";
  }
  return text;
}

TESSERA_CLI_INLINE std::optional<double> Row::metric(const std::string& name) const {
  for (const auto& [known, value] : metrics)
    if (known == name) return value;
  return std::nullopt;
}

TESSERA_CLI_INLINE void Row::set(const std::string& name, double x) {
  for (auto& [known, value] : metrics)
    if (known == name) return void(value = x);
  metrics.emplace_back(name, x);
}

TESSERA_CLI_INLINE std::string score_axis(const std::optional<RunScore>& score, double low, double high) {
  if (!score || !std::isfinite(low) || !std::isfinite(high)) return "";
  const double space = high > low ? 0.05 * (high - low) : std::max(1.0, std::abs(low)) * 0.05;
  low -= space, high += space;
  return fmt::format(
      "set yrange [{}:{}]\nset y2range [{}:{}]\n"
      "set border 11\nset ytics nomirror\nset y2tics\nset y2label 'normalized score'\n",
      low, high, normalized_score(low, score->between), normalized_score(high, score->between));
}

TESSERA_CLI_INLINE std::string online_mark(std::int64_t online_from) {
  if (online_from <= 0) return "";
  return fmt::format(
      "set arrow from {0}, graph 0 to {0}, graph 1 nohead lw 1.5 dt 3 lc rgb '#d62728'\n"
      "set label 'online from here' at {0}, graph 0.04 offset 0.5, 0 tc rgb '#d62728'\n",
      online_from);
}

TESSERA_CLI_INLINE std::string only_at(std::int64_t updates) {
  return fmt::format("set xrange [0:{}]\nset xtics ({})\n", std::max<std::int64_t>(1, 2 * updates), updates);
}

namespace detail {
// The look of a picture of curves over updates.
inline constexpr const char* curve_style =
    "set xlabel 'updates'\nset key outside top center horizontal\nset grid lc rgb '#dddddd' lt 1\nset border 3\n"
    "set tics nomirror\nset xrange [0:*]\nset style fill transparent solid 0.2 noborder\nset format x '%.0f'\n";

// Of one curve with a band around it: its points, and the commands that draw it.
struct Banded {
  std::string points, band;
  std::vector<std::int64_t> at;
  double low = HUGE_VAL, high = -HUGE_VAL;

  void add(std::int64_t updates, double x, double below, double above) {
    at.push_back(updates), low = std::min(low, below), high = std::max(high, above);
    points += fmt::format("{} {}\n", updates, x);
    band += fmt::format("{} {} {}\n", updates, below, above);
  }
  std::string data(const char* name) const {
    return fmt::format("${0} << EOD\n{1}EOD\n${0}_band << EOD\n{2}EOD\n", name, points, band);
  }
  std::string plot(const char* name, const char* color, const char* title, const char* band_title) const {
    const bool once = at.size() == 1;
    return fmt::format(
        "plot ${0}_band using {1} lc rgb '{2}' title '{4}', ${0} using 1:2 with {5} lc rgb '{2}' title '{3}'", name,
        once ? "1:(($2 + $3) / 2):2:3 with yerrorbars lw 2 ps 0" : "1:2:3 with filledcurves", color, title, band_title,
        once ? "points pt 7 ps 1.4" : "linespoints lw 2 pt 7 ps 0.6");
  }
};
}  // namespace detail

TESSERA_CLI_INLINE bool RunFolder::draw_curve(const std::string& title, double behavior, std::int64_t online_from,
                                              const std::optional<RunScore>& score,
                                              std::optional<double> estimate_of_data) const {
  detail::Banded returns, estimates;
  for (const auto& row : rows_) {
    if (row.return_mean)
      returns.add(row.updates, *row.return_mean, *row.return_mean - *row.return_std,
                  *row.return_mean + *row.return_std);
    const auto x = row.metric(estimate_column), low = row.metric(estimate_low_column),
               high = row.metric(estimate_high_column);
    if (x && low && high && std::isfinite(*x) && std::isfinite(*low) && std::isfinite(*high))
      estimates.add(row.updates, *x, *low, *high);
  }
  if (!estimate_of_data) estimates = {};
  const bool both = !returns.at.empty() && !estimates.at.empty();
  if (returns.at.empty() && estimates.at.empty()) return true;
  std::string script = detail::curve_style;
  if (both) script += "set multiplot layout 2,1\n";
  if (!returns.at.empty()) {
    script += returns.data("returns") + fmt::format("behavior = {}\n", behavior) +
              "set title name noenhanced\nset ylabel 'episode return'\n";
    if (returns.at.size() == 1) script += only_at(returns.at[0]);
    script +=
        online_mark(online_from) + score_axis(score, std::min(behavior, returns.low), std::max(behavior, returns.high));
    script += returns.plot("returns", "#1f77b4", "policy", "one standard deviation over episodes") +
              ", behavior with lines lw 2 dt 2 lc rgb '#444444' title 'behavior policy (data)'\n";
  }
  if (both) script += "unset y2tics\nunset y2label\nset border 3\nset yrange [*:*]\nset xrange [0:*]\nset xtics auto\n";
  if (!estimates.at.empty()) {
    script += estimates.data("estimates") + fmt::format("of_data = {}\n", *estimate_of_data) +
              (both ? "unset title\n" : "set title name noenhanced\n") +
              "set ylabel 'discounted return, by the data'\n";
    if (estimates.at.size() == 1) script += only_at(estimates.at[0]);
    script += estimates.plot("estimates", "#d95f02", "estimate (fqe)", "95 % interval") +
              ", of_data with lines lw 2 dt 2 lc rgb '#444444' title 'the data themselves'\n";
  }
  if (both) script += "unset multiplot\n";
  return draw(folder_.file("curve"), 900, both ? 900 : 560, title, script);
}
}  // namespace tessera::cli
