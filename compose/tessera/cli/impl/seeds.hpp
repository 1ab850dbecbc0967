#pragma once
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <tessera/cli/best_row.hpp>
#include <tessera/cli/catalog.hpp>
#include <tessera/cli/children.hpp>
#include <tessera/cli/data_flags.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/folder.hpp>
#include <tessera/cli/front.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/pretty_json.hpp>
#include <tessera/cli/progress.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/cli/score.hpp>
#include <tessera/cli/seeds.hpp>
#include <tessera/eval/normalized_score.hpp>
#include <tessera/eval/over_seeds.hpp>
#include <tessera/io/write_csv.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/train/checkpoint_header.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
inline const FolderKind& seeds_kind() {
  static const FolderKind kind{"group of runs",
                               {"config.json"},
                               {"result.json", "seeds.csv", "grid.csv", "curves.svg", "curves.png"},
                               is_seeds_config};
  return kind;
}
inline std::string seed_folder(const std::string& out, std::uint64_t seed) {
  return fmt::format("{}/seed-{}", out, seed);
}

// A setting as part of a folder's name: "actor.beta=3", "policy.net.hidden=64x64".
inline std::string setting_label(const std::string& setting) {
  const auto equals = setting.find('=');
  auto value = path_label(setting.substr(equals + 1));
  std::replace(value.begin(), value.end(), ',', 'x');
  return path_label(setting.substr(0, equals)) + "=" + value;
}
// The name of a run of a grid, "actor.beta=3,seed-0"; without a setting "seed-0".
inline std::string run_name(const std::vector<std::string>& settings, std::uint64_t seed) {
  std::string out;
  for (const auto& setting : settings) out += setting_label(setting) + ",";
  return out + fmt::format("seed-{}", seed);
}
// Whether an entry of such a folder is named as its runs are.
inline bool named_as_run(const std::string& name) {
  const auto comma = name.rfind(',');
  return name.substr(comma == std::string::npos ? 0 : comma + 1).starts_with("seed-");
}

// The seed of an entry "seed-N" of such a folder.
inline std::optional<std::uint64_t> seed_of_name(const std::string& name) {
  const std::string mark = "seed-";
  return name.starts_with(mark) ? whole_number<std::uint64_t>(name.substr(mark.size())) : std::nullopt;
}

inline SeedsConfig seeds_config_of(const std::string& folder) {
  const auto path = file_of(folder, "config.json");
  const auto text = small_file(path);
  if (!text) throw Error(path + ": is not a file of at most 1 MB that can be read; restore it, or start anew");
  auto config = read_seeds_config(path, *text);
  try {
    seeds_of(config.seeds);
  } catch (const Error&) {
    throw Error(path + ": seeds is '" + printable_name(config.seeds) +
                "', and must be a list of seeds; restore the file, or start anew");
  }
  try {
    settings_of_grid(config.grid);
  } catch (const Error& error) {
    throw Error(path + ": grid is no list of settings (" + error.what() + "); restore the file, or start anew");
  }
  return config;
}

// Throws an Error if runs of these names cannot go there.
inline void require_free_for(const std::string& out, const std::vector<std::string>& names, bool of_grid,
                             bool overwrite) {
  std::error_code code;
  if (!fs::exists(fs::symlink_status(out, code))) return;
  if (!fs::is_directory(out, code)) throw Error(out + ": is a file, not a folder; give another --out");
  if (const auto name = foreign_file(out, seeds_kind()))
    throw Error(fmt::format(
        "{}: holds {}, which is of no runs of several seeds and would be replaced; move it away, or give another --out",
        out, *name));
  if (!overwrite && holds_seeds(out))
    throw Error(out + ": already holds the runs of several seeds; go on with --resume " + out +
                ", replace them with --overwrite, or give another --out");
  for (const auto& entry : fs::directory_iterator(out, code)) {
    const auto name = entry.path().filename().string();
    if ((of_grid || holds_grid(out) ? named_as_run(name) : seed_of_name(name).has_value()) &&
        std::find(names.begin(), names.end(), name) == names.end())
      throw Error(fmt::format("{}: holds {}, which is not among these {}; move it away, or give another --out", out,
                              name, of_grid ? "runs" : "seeds"));
  }
  for (const auto& name : names) RunFolder::require_free(out + "/" + name, overwrite);
}

// "runs/iql-pendulum-random-seeds0-4", or the first of that with -2, -3, ... that is free.
inline std::string default_seeds_folder(const TrainCommand& c, const std::vector<std::uint64_t>& seeds) {
  const bool range = seeds.back() - seeds.front() + 1 == seeds.size() && std::is_sorted(seeds.begin(), seeds.end());
  auto base = c.finetune.empty()
                  ? fmt::format("runs/{}-{}", c.algorithm, c.dataset.empty() ? c.env : label_of(c.dataset))
                  : c.finetune.substr(0, c.finetune.find_last_not_of('/') + 1) + "-online";
  if (!c.grid.empty()) base += "-grid";
  else if (c.finetune.empty() || !holds_seeds(c.finetune))
    base += range && seeds.size() > 1 ? fmt::format("-seeds{}-{}", seeds.front(), seeds.back())
                                      : fmt::format("-{}-seeds", seeds.size());
  for (int i = 1;; ++i) {
    auto each = i == 1 ? base : fmt::format("{}-{}", base, i);
    std::error_code code;
    if (!fs::exists(each, code) || (fs::is_directory(each, code) && fs::is_empty(each, code))) return each;
  }
}

// A list of flags in which this one has a value of its own, whatever it had before.
inline void set_flag(std::vector<std::string>& flags, const std::string& name, const std::string& flag) {
  std::erase_if(flags, [&](const std::string& each) { return each == name || each.starts_with(name + "="); });
  flags.push_back(flag);
}

inline std::string hash_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  ByteHash hash;
  std::string some(1 << 16, '\0');
  while (in.read(some.data(), std::streamsize(some.size())), in.gcount() > 0)
    hash.add(some.data(), std::size_t(in.gcount()));
  return hash_text(hash.value());
}

// What a run has come to, as its folder tells.
struct SeedRun {
  std::uint64_t seed = 0;
  std::string folder;
  bool saved = false, finished = false;
  std::string error{};
  std::int64_t updates = 0;
  std::vector<Row> rows{};
  RunConfig config{};
  std::vector<std::string> settings{};  // of a grid
  std::size_t group = 0;                // which of its settings

  const Row* last() const { return !rows.empty() && rows.back().return_mean ? &rows.back() : nullptr; }
  const Row* last_estimate() const {
    return !rows.empty() && rows.back().metric(estimate_column) ? &rows.back() : nullptr;
  }
  std::string setting() const {
    std::string out;
    for (const auto& each : settings) out += (out.empty() ? "" : " ") + each;
    return out;
  }
  std::string label() const {
    return settings.empty() ? fmt::format("seed {}", seed) : fmt::format("{} seed {}", setting(), seed);
  }
  // By which the group's config.json knows it.
  std::string key() const { return settings.empty() ? std::to_string(seed) : run_name(settings, seed); }
};

inline std::vector<SeedRun> runs_of_group(const std::string& out, const std::vector<std::uint64_t>& seeds,
                                          const std::vector<std::string>& grid) {
  std::vector<SeedRun> runs;
  const auto all = settings_of_grid(grid);
  for (std::size_t group = 0; group < all.size(); ++group)
    for (const auto seed : seeds) {
      runs.push_back({seed, out + "/" + run_name(all[group], seed)});
      runs.back().settings = all[group], runs.back().group = group;
    }
  return runs;
}

// `steps` and `online_steps`: what it is to reach, where that was given anew.
inline void look_at(SeedRun& run, const std::string& replaced, const TrainCommand& given) {
  run.saved = run.finished = false;
  const auto checkpoint = file_of(run.folder, "checkpoint.safetensors");
  std::error_code code;
  if (!fs::exists(checkpoint, code) || (!replaced.empty() && hash_of_file(checkpoint) == replaced)) return;
  run.config = RunFolder::config_of(run.folder);
  run.saved = true;
  run.updates = checkpoint_updates(checkpoint);
  run.rows = RunFolder::rows_of(run.folder, run.updates);
  const auto& c = run.config.command;
  const auto steps = given.has("--steps") ? given.steps : c.steps;
  const auto online = given.has("--online-steps") ? given.online.steps : c.online.steps;
  std::int64_t collected = 0;
  if (online > 0) {
    const auto metadata = checkpoint_metadata(checkpoint);
    const auto found = metadata.find("online_steps");
    if (found != metadata.end()) collected = whole_number<std::int64_t>(found->second).value_or(0);
    if (c.dataset.empty()) collected += c.online.random_steps;
  }
  auto command = c;
  if (given.has("--patience")) command.patience = given.patience;
  const bool made = online > 0 ? collected >= online : run.updates >= steps || stopped_early(command, run.rows);
  const auto *last = run.last(), *judged = run.last_estimate();
  run.finished = made && (c.env.empty() || (last != nullptr && last->updates == run.updates)) &&
                 (c.follow.every == 0 || (judged != nullptr && judged->updates == run.updates));
}

// What the children say, on a terminal with one line below it that is redrawn.
class SeedsProgress {
 public:
  explicit SeedsProgress(std::size_t runs) : runs_(runs), terminal_(isatty(STDERR_FILENO) == 1) {}
  ~SeedsProgress() { clear(); }

  void line(const SeedRun& run, const std::string& text) {
    const bool progress = text.starts_with("update ") || text.starts_with("step ");
    if (progress && terminal_) at_[run.label()] = text;
    else if (progress || said_.insert(text).second) say_of(run, text);  // what all of them say is said once
    draw_line();
  }
  void say_of(const SeedRun& run, const std::string& text) {
    clear();
    say("{}: {}", run.label(), text);
  }
  void ended(const SeedRun& run) {
    at_.erase(run.label());
    ++ended_;
    draw_line();
  }
  void clear() {
    if (drawn_) draw("\r\033[K");
    drawn_ = false;
  }

 private:
  void draw_line() {
    if (!terminal_) return;
    auto text = fmt::format("{} of {} runs ended", ended_, runs_);
    for (const auto& [label, what] : at_) {
      const auto words = what.substr(what.find(' ') + 1);
      const auto mark = words.find("  return ");
      text += fmt::format(
          "  |  {}: {}{}", label.starts_with("seed ") ? label.substr(5) : label, words.substr(0, words.find(' ')),
          mark == std::string::npos ? "" : words.substr(mark + 1, words.find("  ", mark + 2) - mark - 1));
    }
    winsize size{};
    const std::size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79u;
    draw("\r" + printable(text).substr(0, width) + "\033[K");
    drawn_ = true;
  }

  std::size_t runs_, ended_ = 0;
  bool terminal_, drawn_ = false;
  std::map<std::string, std::string> at_;
  std::set<std::string> said_;
};

// The statistics of one number of each run, as JSON: NAME_mean, NAME_std, ...
inline void add_statistics(json& to, const std::string& name, const std::vector<double>& values) {
  if (values.empty()) return;
  const auto all = over_seeds(values);
  to[name + "_mean"] = all.mean, to[name + "_std"] = all.std;
  to[name + "_mean_interval"] = {all.mean_interval.low, all.mean_interval.high};
  to[name + "_interquartile_mean"] = all.interquartile_mean;
  to[name + "_interquartile_mean_interval"] = {all.interquartile_mean_interval.low,
                                               all.interquartile_mean_interval.high};
}

// "return of 5 runs: mean -171.2 [-173.0, -169.1], interquartile mean ..."
inline std::string statistics_text(const std::string& name, const std::vector<double>& values) {
  const auto all = over_seeds(values);
  return fmt::format(
      "{} over {} seeds: mean {:.5g} (95 % interval {:.5g} to {:.5g}), standard deviation {:.4g}, interquartile mean "
      "{:.5g} ({:.5g} to {:.5g})",
      name, all.count, all.mean, all.mean_interval.low, all.mean_interval.high, all.std, all.interquartile_mean,
      all.interquartile_mean_interval.low, all.interquartile_mean_interval.high);
}

// A text for a script: what a quote or an escape would end is not in it.
inline std::string plain_words(std::string text) {
  text = printable(text, 80);
  for (char& x : text)
    if (x == '\'' || x == '"' || x == '\\' || x == '`' || x == '@') x = ' ';
  return text;
}

// All curves in one picture: a thin line for each seed, their mean, where all of them were evaluated, and its bootstrap
// interval; of a grid a color for each setting, and no mean.  Runs without an environment: their estimates by the data.
// Of a single evaluation there are no curves: the points are large, and the mean stands beside them.
inline void draw_curves(const std::string& out, const std::vector<SeedRun>& runs, std::optional<double> behavior) {
  constexpr std::size_t named = 10;  // with more, each seed has no color and no name of its own
  constexpr const char* colors[named] = {"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd",
                                         "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"};
  std::string data, plot;
  std::map<std::int64_t, std::vector<double>> at;
  const bool by_data = std::none_of(runs.begin(), runs.end(), [](const SeedRun& run) {
    return std::any_of(run.rows.begin(), run.rows.end(), [](const Row& row) { return row.return_mean.has_value(); });
  });
  const auto shown_of = [by_data](const Row& row) { return by_data ? row.metric(estimate_column) : row.return_mean; };
  if (by_data) behavior.reset();
  for (const auto& run : runs)
    for (const auto& row : run.rows)
      if (const auto x = shown_of(row)) at[row.updates].push_back(*x);
  const bool once = at.size() == 1;
  const char* const as = once ? "points pt 7 ps 1.4" : "linespoints lw 1 pt 7 ps 0.35";
  const bool grid = !runs.front().settings.empty();
  std::set<std::size_t> groups_named;
  std::size_t curves = 0;
  std::int64_t online_from = 0;
  double low = behavior.value_or(HUGE_VAL), high = behavior.value_or(-HUGE_VAL);
  for (const auto& run : runs) {
    std::string points;
    for (const auto& row : run.rows)
      if (const auto x = shown_of(row)) {
        points += fmt::format("{} {}\n", row.updates, *x);
        low = std::min(low, *x), high = std::max(high, *x);
      }
    if (points.empty()) continue;
    const auto& c = run.config.command;
    if (c.online.steps > 0) online_from = c.steps;
    data += fmt::format("$seed{} << EOD\n{}EOD\n", curves, points);
    const auto groups = runs.back().group + 1;
    const bool first = groups_named.insert(run.group).second;
    const bool colored = grid ? groups <= named : runs.size() <= named;
    const auto title = grid && colored && first ? fmt::format("title setting_{} noenhanced", run.group)
                       : grid                   ? std::string(curves == 0 ? "title 'one run'" : "notitle")
                       : colored                ? fmt::format("title 'seed {}'", run.seed)
                       : curves == 0            ? std::string("title 'one seed'")
                                                : std::string("notitle");
    if (grid && colored && first) data += fmt::format("setting_{} = '{}'\n", run.group, plain_words(run.setting()));
    plot += fmt::format("$seed{} using 1:2 with {} lc rgb '{}' {}, ", curves, as,
                        colored ? colors[grid ? run.group : curves] : "#9ecae1", title);
    ++curves;
  }
  if (curves == 0) return;
  std::string mean, band;
  for (const auto& [updates, values] : at) {
    if (values.size() != curves) continue;
    const auto here = over_seeds(values, {.resamples = 2'000});
    mean += fmt::format("{} {}\n", updates, here.mean);
    band += fmt::format("{} {} {} {}\n", updates, here.mean_interval.low, here.mean_interval.high, here.mean);
  }
  const bool together = curves > 1 && !mean.empty() && !grid;
  if (together) data += fmt::format("$mean << EOD\n{}EOD\n$band << EOD\n{}EOD\n", mean, band);
  const auto* shown = &runs.front();
  for (const auto& run : runs)
    if (run.saved) shown = &run;
  auto script = data +
                "set title name noenhanced\nset xlabel 'updates'\n"
                "set key outside top center horizontal\nset grid lc rgb '#dddddd' lt 1\nset border 3\n"
                "set tics nomirror\nset xrange [0:*]\nset style fill transparent solid 0.2 noborder\n"
                "set format x '%.0f'\n";
  script += by_data ? "set ylabel 'discounted return, by the data (fqe)'\n" : "set ylabel 'episode return'\n";
  if (behavior) script += fmt::format("behavior = {}\n", *behavior);
  if (once) script += only_at(at.begin()->first);
  script += online_mark(online_from);
  if (!by_data) script += score_axis(shown->config.score, low, high);
  std::string all = "plot ";
  if (together && !once)
    all += "$band using 1:2:3 with filledcurves lc rgb '#444444' title '95 % interval of the mean', ";
  all += plot;
  if (together && once)
    all +=
        "$band using (1.04 * $1):4:2:3 with yerrorbars lw 2 pt 5 ps 1 lc rgb '#222222' "
        "title 'mean, and its 95 % interval', ";
  else if (together) all += "$mean using 1:2 with lines lw 3 lc rgb '#222222' title 'mean', ";
  if (behavior) all += "behavior with lines lw 2 dt 2 lc rgb '#444444' title 'behavior policy (data)', ";
  all.resize(all.size() - 2);
  const auto& c = shown->config.command;
  draw(out + "/curves", 900, 560,
       fmt::format("{} on {}, {} {}", c.algorithm, c.dataset.empty() ? c.env : label_of(c.dataset), curves,
                   grid ? "runs" : "seeds"),
       script + all + "\n");
}

// What the runs have come to, in the folder's files, on standard error and, as one line of JSON, on standard output.
inline void report(const std::string& out, const std::vector<SeedRun>& runs, std::optional<double> behavior,
                   double seconds) {
  const bool grid = !runs.front().settings.empty();
  const bool judged = std::any_of(runs.begin(), runs.end(), [](const SeedRun& run) { return run.last_estimate(); });
  json result, each = json::array(), finished = json::array(), failed = json::array(), seeds = json::array();
  std::vector<double> returns, scores;
  std::vector<std::vector<double>> of_setting(runs.back().group + 1);  // returns, or estimates where there are none
  const bool by_data = std::none_of(runs.begin(), runs.end(), [](const SeedRun& run) { return run.last(); });
  std::string table;
  for (const auto& setting : runs.front().settings) table += setting.substr(0, setting.find('=')) + ",";
  table += std::string("seed,updates,return_mean,return_std,score") + (judged ? ",fqe,fqe_low,fqe_high" : "") + "\n";
  std::size_t width = 10;
  for (const auto& run : runs) width = std::max(width, run.label().size());
  std::optional<RunScore> reference;
  const SeedRun* any = nullptr;
  bool shown = false;
  for (const auto& run : runs) {
    const auto known_as = grid ? json(run.key()) : json(run.seed);
    if (run.group == 0) seeds.push_back(run.seed);
    if (!run.error.empty()) failed.push_back(known_as);
    if (!run.saved) continue;
    any = &run;
    if (!reference) reference = run.config.score;
    if (run.finished) finished.push_back(known_as);
    json one = {{"seed", run.seed}, {"finished", run.finished}, {"updates", run.updates}};
    for (const auto& setting : run.settings) {
      const auto equals = setting.find('=');
      one["settings"][setting.substr(0, equals)] = setting.substr(equals + 1);
    }
    const auto *last = run.last(), *estimate = run.last_estimate();
    if (judged)
      for (const auto& [name, column] :
           {std::pair{"fqe", estimate_column}, {"fqe_low", estimate_low_column}, {"fqe_high", estimate_high_column}})
        one[name] = estimate ? json(estimate->metric(column).value_or(NAN)) : json();
    one["return_mean"] = last ? json(*last->return_mean) : json();
    one["return_std"] = last ? json(*last->return_std) : json();
    std::string score;
    if (last && run.config.score) {
      const double x = normalized_score(*last->return_mean, run.config.score->between);
      one["score"] = x, score = fmt::format("{}", x);
      if (run.finished) scores.push_back(x);
    }
    one["out"] = run.folder;
    each.push_back(one);
    if (!last && !estimate) continue;
    if (last && run.finished) returns.push_back(*last->return_mean);
    if (run.finished && (last || by_data))
      of_setting[run.group].push_back(by_data ? *estimate->metric(estimate_column) : *last->return_mean);
    for (const auto& setting : run.settings)
      table += tessera::detail::csv_field(setting.substr(setting.find('=') + 1)) + ",";
    table += fmt::format("{},{},{},{}", run.seed, run.rows.back().updates,
                         last ? fmt::format("{},{}", *last->return_mean, *last->return_std) : ",", score);
    std::string told;
    for (const char* column : {estimate_column, estimate_low_column, estimate_high_column}) {
      if (!judged) continue;
      const auto x = estimate ? estimate->metric(column) : std::nullopt;
      table += x ? fmt::format(",{}", *x) : ",";
      told += fmt::format(" {:>10}", x ? fmt::format("{:.5g}", *x) : "-");
    }
    table += "\n";
    if (!std::exchange(shown, true))
      say("{:>{}} {:>12} {:>12} {:>12} {:>8}{}", grid ? "run" : "seed", width, "updates", "return", "std", "score",
          judged ? fmt::format(" {:>10} {:>10} {:>10}", "fqe", "low", "high") : "");
    say("{:>{}} {:>12} {:>12} {:>12} {:>8}{}{}", grid ? run.label() : std::to_string(run.seed), width,
        run.rows.back().updates, last ? fmt::format("{:.5g}", *last->return_mean) : "-",
        last ? fmt::format("{:.4g}", *last->return_std) : "-",
        score.empty() ? "" : fmt::format("{:.1f}", one["score"].get<double>()), told,
        run.finished ? "" : "  (not finished)");
  }
  if (grid) {
    result["settings"] = json::array();
    for (const auto& run : runs) {
      if (run.seed != runs.front().seed || of_setting[run.group].empty()) continue;
      const auto& values = of_setting[run.group];
      const std::string name = by_data ? "fqe" : "return";
      json one = {{"setting", run.setting()}, {"seeds", values.size()}};
      add_statistics(one, name, values);
      result["settings"].push_back(one);
      if (values.size() > 1) say("{}: {}", run.setting(), statistics_text(name, values));
    }
    returns.clear(), scores.clear();  // of different settings there is no mean
  }
  if (!returns.empty()) say(statistics_text("return", returns));
  if (!scores.empty()) say(statistics_text("score", scores));
  result["algorithm"] = any ? json(any->config.command.algorithm) : json();
  result["dataset"] = any ? json(any->config.command.dataset) : json();
  result["seeds"] = seeds, result["finished"] = finished, result["failed"] = failed, result["seconds"] = seconds;
  add_statistics(result, "return", returns);
  if (behavior) result["return_behavior"] = *behavior;
  add_statistics(result, "score", scores);
  if (reference) result["score_reference"] = score_json(*reference);
  result["runs"] = each, result["out"] = out;
  if (any) {
    if (table.find('\n') + 1 < table.size()) write_text(out + (grid ? "/grid.csv" : "/seeds.csv"), table);
    write_text(out + "/result.json", pretty(result) + "\n");
    if (shown) draw_curves(out, runs, behavior);
  }
  std::cout << line_of(result) << std::endl;
}

// The behavior policy's return as the result of a run says it, or that of an earlier call.
inline std::optional<double> behavior_in(const std::string& text) {
  const auto x = json::parse(text, nullptr, false);
  if (!x.is_object()) return std::nullopt;
  const auto found = x.find("return_behavior");
  if (found == x.end() || !found->is_number() || !std::isfinite(found->get<double>())) return std::nullopt;
  return found->get<double>();
}

// Of a grid without --seeds: that of --seed.
inline std::vector<std::uint64_t> seeds_of_command(const TrainCommand& c) {
  return c.seeds.empty() ? std::vector{c.seed} : seeds_of(c.seeds);
}
inline std::vector<std::string> names_of_group(const std::vector<std::uint64_t>& seeds,
                                               const std::vector<std::string>& grid) {
  std::vector<std::string> out;
  for (const auto& setting : settings_of_grid(grid))
    for (const auto seed : seeds) out.push_back(run_name(setting, seed));
  return out;
}

// What `ps` and `top` call the process of a run: the end of its folder's name, as much as they show.
inline void name_process([[maybe_unused]] const std::vector<std::string>& words) {
#ifdef __linux__
  constexpr std::size_t most = 15;
  for (const auto& word : words)
    if (word.starts_with("--out=") || word.starts_with("--resume=")) {
      const auto name = fs::path(word.substr(word.find('=') + 1)).filename().string();
      ::prctl(PR_SET_NAME, name.substr(name.size() - std::min(most, name.size())).c_str());
    }
#endif
}
// A run's own words, done as if they had been typed.
inline std::function<int(const std::vector<std::string>&)> worker(const Program& program) {
  return [&program](const std::vector<std::string>& words) {
    name_process(words);
    auto all = words;
    all.insert(all.begin(), program_name());
    std::vector<char*> arguments;
    for (auto& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    return run(int(all.size()), arguments.data(), program);
  };
}

// Has this process load what the first run needs, for all of them.
inline void preload_for(const SeedRun& first, const TrainCommand& given, const SeedsConfig& config,
                        const Program& program) {
  auto c = first.saved ? first.config.command : given;
  c.reading = given.reading;
  if (first.saved) {
    c.resume = first.folder;
    if (given.has("--dataset")) c.dataset = moved_dataset(given.dataset, c.dataset);
  } else {
    for (const auto& setting : first.settings) c.set.push_back(setting);
    const std::string data = "--dataset=";  // of what is begun only now, in a folder that goes on
    for (const auto& flag : config.flags)
      if (c.dataset.empty() && flag.starts_with(data)) c.dataset = flag.substr(data.size());
    if (!given.resume.empty()) c.resume = first.folder;
  }
  program.engine().preload(c, [] { return interrupted(); });
}

inline std::string listed_seeds(const std::vector<SeedRun>& runs, bool (*which)(const SeedRun&)) {
  std::string all;
  for (const auto& run : runs)
    if (which(run)) all += (all.empty() ? "" : ", ") + run.key();
  return all;
}
}  // namespace detail

TESSERA_CLI_INLINE std::vector<std::uint64_t> seeds_of(const std::string& text) {
  constexpr std::size_t most = 1000;
  const auto wrong = [&](const std::string& why) { return Error("--seeds: '" + printable_name(text) + "' " + why); };
  std::vector<std::uint64_t> out;
  std::set<std::uint64_t> there;
  for (std::size_t from = 0; from <= text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    const auto part = std::string_view(text).substr(from, comma - from);
    const auto colon = part.find(':');
    const auto first = whole_number<std::uint64_t>(part.substr(0, colon));
    const auto end = colon == std::string_view::npos ? first : whole_number<std::uint64_t>(part.substr(colon + 1));
    if (!first || !end)
      throw wrong("is not a list of seeds; give a range, such as 0:5 for 0 to 4, or seeds with commas between: 0,3,7");
    if (colon != std::string_view::npos && *end <= *first)
      throw wrong("has an empty range; its second number is the first that is not in it: 0:5 are the seeds 0 to 4");
    const auto count = colon == std::string_view::npos ? 1 : *end - *first;
    if (count > most - out.size()) throw wrong(fmt::format("are more than {} seeds; train them in parts", most));
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!there.insert(*first + i).second) throw wrong(fmt::format("has {} twice", *first + i));
      out.push_back(*first + i);
    }
    from = comma + 1;
  }
  return out;
}

TESSERA_CLI_INLINE std::vector<std::vector<std::string>> settings_of_grid(const std::vector<std::string>& grid) {
  constexpr std::size_t most = 1000;
  std::vector<std::vector<std::string>> out{{}};
  std::set<std::string> keys;
  for (const auto& text : grid) {
    const auto wrong = [&](const std::string& why) { return Error("--grid: '" + printable_name(text) + "' " + why); };
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      throw wrong("is not KEY=VALUE,VALUE,..., such as actor.beta=1,3,10");
    const auto key = text.substr(0, equals);
    if (!keys.insert(key).second)
      throw wrong("names " + printable_name(key) + " a second time; give one list of values");
    const auto values = split_at(text.substr(equals + 1), text.find(';') == std::string::npos ? ',' : ';');
    std::set<std::string> names;
    std::vector<std::vector<std::string>> all;
    for (const auto& value : values) {
      if (value.empty()) throw wrong("has an empty value; leave out a comma, or a semicolon");
      if (!names.insert(detail::setting_label(key + "=" + value)).second)
        throw wrong("has " + printable_name(value) + " twice");
    }
    if (values.size() > most / out.size())
      throw wrong(fmt::format("makes more than {} settings; train them in parts", most));
    for (const auto& before : out)
      for (const auto& value : values) all.push_back(before), all.back().push_back(key + "=" + value);
    out = std::move(all);
  }
  return out;
}

TESSERA_CLI_INLINE bool holds_grid(const std::string& folder) {
  const auto config = small_file(file_of(folder, "config.json"));
  return config && is_seeds_config(*config) && has_grid(*config);
}

TESSERA_CLI_INLINE std::vector<std::string> runs_in(const std::vector<std::string>& named) {
  std::vector<std::string> out;
  const auto clean = [](std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
  };
  for (const auto& given : named) {
    const auto name = clean(given);
    const fs::path path(name);
    std::error_code code;
    if (holds_seeds(name)) {
      const auto config = detail::seeds_config_of(name);
      for (const auto& run : detail::runs_of_group(name, seeds_of(config.seeds), config.grid)) {
        if (fs::exists(file_of(run.folder, "checkpoint.safetensors"), code)) out.push_back(run.folder);
        else say("{}: left out, it has no checkpoint yet", run.folder);
      }
    } else if (const auto folder = path.has_parent_path() ? path.parent_path().string() : std::string(".");
               fs::is_regular_file(path, code) && holds_seeds(folder) && !RunFolder::run_that_keeps(name)) {
      say("{}: left out, it is no run", name);
    } else {
      out.push_back(given);
    }
  }
  return out;
}

TESSERA_CLI_INLINE bool holds_seeds(const std::string& folder) {
  const auto config = small_file(file_of(folder, "config.json"));
  return config && is_seeds_config(*config);
}

TESSERA_CLI_INLINE std::string seeds_in(const std::string& folder) { return detail::seeds_config_of(folder).seeds; }

TESSERA_CLI_INLINE void refuse_seeds(const TrainCommand& c) {
  if (!c.resume.empty()) {
    require_resumable(c);
    detail::seeds_config_of(c.resume);
    return;
  }
  if (c.has("--seed") && c.has("--seeds"))
    throw Error("--seed and --seeds are two ways to say which seeds there are; leave out one of them");
  const auto seeds = detail::seeds_of_command(c);
  const auto grid = settings_of_grid(c.grid);
  if (grid.size() * seeds.size() > 1000)
    throw Error(fmt::format("--grid and --seeds make {} runs, and 1000 is the most; train them in parts",
                            grid.size() * seeds.size()));
  for (const auto& [key, value] : settings(c.set))
    for (const auto& setting : grid.front())
      if (setting.starts_with(key + "=")) throw Error("--set and --grid both have " + key + "; leave out one of them");
  auto one = c;
  one.out.clear();
  const bool of_several = !c.finetune.empty() && holds_seeds(c.finetune);
  if (of_several) {
    for (const auto seed : seeds) {
      one.finetune = detail::seed_folder(c.finetune, seed);
      refuse(one);
    }
  } else {
    for (const auto& setting : grid) {
      one.set = c.set;
      one.set.insert(one.set.end(), setting.begin(), setting.end());
      refuse(one);
    }
  }
  if (!c.out.empty())
    detail::require_free_for(c.out, detail::names_of_group(seeds, c.grid), !c.grid.empty(), c.overwrite);
}

TESSERA_CLI_INLINE int train_seeds(const SeedsCommand& command, const Program& program) {
  const auto& c = command.command;
  const bool resumed = !c.resume.empty();
  const auto began = std::chrono::steady_clock::now();
  remember_signals();

  SeedsConfig config;
  if (resumed) config = detail::seeds_config_of(c.resume);
  else
    config = {c.seeds.empty() ? std::to_string(c.seed) : c.seeds,
              c.finetune.empty() ? "train" : "finetune",
              c.finetune,
              command.flags,
              {},
              c.grid};
  const auto seeds = seeds_of(config.seeds);
  const auto out = resumed ? c.resume : !c.out.empty() ? c.out : detail::default_seeds_folder(c, seeds);
  HeldFolder folder(out, detail::seeds_kind(), !resumed);
  const auto names = detail::names_of_group(seeds, config.grid);
  if (!resumed)
    detail::require_free_for(out, names, !config.grid.empty(), c.overwrite);  // held: nobody changes it from now on
  else config = detail::seeds_config_of(out);
  const auto before = small_file(folder.file("config.json"));

  auto runs = detail::runs_of_group(out, seeds, config.grid);
  for (const auto& run : runs) {
    const auto checkpoint = file_of(run.folder, "checkpoint.safetensors");
    std::error_code code;
    if (!resumed && fs::exists(checkpoint, code)) config.replaced[run.key()] = detail::hash_of_file(checkpoint);
  }
  const auto look = [&](detail::SeedRun& run) {
    const auto replaced = config.replaced.find(run.key());
    detail::look_at(run, replaced == config.replaced.end() ? "" : replaced->second, c);
  };
  if (resumed)
    for (auto& run : runs) look(run);

  // What a run that goes on may have otherwise now, those that have not begun have likewise: their data lie where they
  // do now, and are read as before.
  auto flags = config.flags, again = std::vector<std::string>();
  auto lasting = config;
  if (resumed) {
    again = command.flags;
    const auto moved = [&](const std::string& name, const std::string& given) {
      const auto old = std::find_if(config.flags.begin(), config.flags.end(),
                                    [&](const std::string& flag) { return flag.starts_with(name); });
      return given.empty() || old == config.flags.end() ? given : moved_dataset(given, old->substr(name.size()));
    };
    const std::string data = "--dataset=", judged_by = "--ope-dataset=";
    const auto dataset = moved(data, c.dataset), judge = moved(judged_by, c.follow.dataset);
    const auto with = [](const std::string& flag, const std::string& name, const std::string& value) {
      return flag.starts_with(name) ? name + value : flag;
    };
    for (const auto& flag : command.flags)
      detail::set_flag(flags, flag.substr(0, flag.find('=')), with(with(flag, data, dataset), judged_by, judge));
    for (const auto& flag : command.lasting)
      detail::set_flag(lasting.flags, flag.substr(0, flag.find('=')),
                       with(with(flag, data, absolute_dataset(dataset)), judged_by, absolute_dataset(judge)));
  } else {
    lasting.flags = command.lasting;
    if (!lasting.run.empty()) lasting.run = absolute_dataset(lasting.run);
  }
  std::vector<std::vector<std::string>> words;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto& run = runs[i];
    if (run.finished) continue;
    std::vector<std::string> one;
    if (run.saved) {
      one = {"train", "--resume=" + run.folder, "--threads=1"};
      one.insert(one.end(), again.begin(), again.end());
    } else {
      one = {config.command};
      if (!config.run.empty())
        one.push_back(holds_seeds(config.run) ? detail::seed_folder(config.run, run.seed) : config.run);
      one.insert(one.end(), flags.begin(), flags.end());
      for (const auto& setting : run.settings) one.push_back("--set=" + setting);
      one.insert(one.end(), {fmt::format("--seed={}", run.seed), "--threads=1", "--out=" + run.folder});
      if (config.replaced.contains(run.key())) one.push_back("--overwrite");
    }
    words.push_back(std::move(one)), which.push_back(i);
  }

  write_text(folder.file("config.json"), seeds_config_text(lasting));

  std::optional<double> behavior;
  if (const auto text = resumed ? small_file(folder.file("result.json"), 1 << 22) : std::nullopt)
    behavior = detail::behavior_in(*text);
  const auto cores = std::max<std::size_t>(1, own_cores().size());
  const auto together =
      std::max<std::size_t>(1, std::min(words.size(), c.threads > 0 ? std::size_t(c.threads) : cores));
  if (words.size() < runs.size()) say("{} of {} runs have ended already", runs.size() - words.size(), runs.size());
  if (!words.empty())
    say("{} run{}, {} at a time, one thread each", words.size(), words.size() == 1 ? "" : "s", together);
  int bad = 0, other = 0;  // runs that failed: something is wrong with what they were given; for another reason
  {
    detail::SeedsProgress progress(words.size());
    if (!words.empty()) detail::preload_for(runs[which.front()], c, config, program);
    run_children(
        {detail::worker(program), [&] { folder.leave(); }}, words, together,
        [&](std::size_t i, const std::string& line) {
          if (!line.starts_with('{')) return progress.line(runs[which[i]], line);
          if (const auto found = detail::behavior_in(line)) behavior = found;
        },
        [&](std::size_t i, const ChildEnd& end) {
          auto& run = runs[which[i]];
          const bool stopped = interrupted() && end.code == 128 + interrupting_signal();
          if (end.code != 0 && !stopped) {
            run.error = end.error;
            ++(end.code == 2 ? bad : other);
            progress.clear();
            say("{}: error: {}: {}", program_name(), run.label(), end.error);
          }
          progress.ended(run);
        });
  }
  bool saved = false;
  for (auto& run : runs) {
    try {
      look(run);
    } catch (const Error& error) {
      if (run.error.empty())
        run.error = error.what(), ++bad, say("{}: error: {}: {}", program_name(), run.label(), run.error);
      run.saved = run.finished = false;
    }
    if (run.error.empty() && !run.finished && !interrupted()) {
      run.error = "ended without being finished", ++other;
      say("{}: error: {}: {}", program_name(), run.label(), run.error);
    }
    saved = saved || run.saved;
  }
  if (!saved && !resumed) {  // as if it had not been started
    if (before) write_text(folder.file("config.json"), *before);
    else std::remove(folder.file("config.json").c_str());
  }
  const auto go_on = fmt::format("{} train --resume {}", program_name(), out);
  if (saved)
    detail::report(out, runs, behavior,
                   std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  if (interrupted()) {
    if (std::all_of(runs.begin(), runs.end(), [](const auto& run) { return run.finished; }))
      throw Interrupted(fmt::format("interrupted after the last update; {} is whole", out));
    if (!saved && !resumed) throw Interrupted("interrupted before the first checkpoint; nothing was written");
    throw Interrupted("interrupted; go on with: " + go_on);
  }
  if (bad + other == 0) return 0;
  const auto failed = detail::listed_seeds(runs, [](const detail::SeedRun& run) { return !run.error.empty(); });
  say("{}: error: {} of {} runs failed ({}{}); {}", program_name(), bad + other, runs.size(),
      config.grid.empty() ? "seeds " : "", failed,
      saved || resumed ? "go on with: " + go_on : std::string("nothing was saved"));
  return other > 0 ? 1 : 2;
}
}  // namespace tessera::cli
