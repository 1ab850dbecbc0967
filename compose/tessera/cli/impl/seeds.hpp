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
#include <thread>
#include <tuple>
#include <utility>

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
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/train/checkpoint_header.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
inline const FolderKind& seeds_kind() {
  static const FolderKind kind{
      "group of runs", {"config.json"}, {"result.json", "seeds.csv", "curves.svg", "curves.png"}, is_seeds_config};
  return kind;
}
inline std::string seed_folder(const std::string& out, std::uint64_t seed) {
  return fmt::format("{}/seed-{}", out, seed);
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
  return config;
}

// Throws an Error if the runs of these seeds cannot go there.
inline void require_free_for(const std::string& out, const std::vector<std::uint64_t>& seeds, bool overwrite) {
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
    const auto seed = seed_of_name(entry.path().filename().string());
    if (seed && std::find(seeds.begin(), seeds.end(), *seed) == seeds.end())
      throw Error(fmt::format("{}: holds seed-{}, which is not among these seeds; move it away, or give another --out",
                              out, *seed));
  }
  for (const auto seed : seeds) RunFolder::require_free(seed_folder(out, seed), overwrite);
}

// "runs/iql-pendulum-random-seeds0-4", or the first of that with -2, -3, ... that is free.
inline std::string default_seeds_folder(const TrainCommand& c, const std::vector<std::uint64_t>& seeds) {
  const bool range = seeds.back() - seeds.front() + 1 == seeds.size() && std::is_sorted(seeds.begin(), seeds.end());
  auto base = c.finetune.empty()
                  ? fmt::format("runs/{}-{}", c.algorithm, c.dataset.empty() ? c.env : label_of(c.dataset))
                  : c.finetune.substr(0, c.finetune.find_last_not_of('/') + 1) + "-online";
  if (c.finetune.empty() || !holds_seeds(c.finetune))
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

  const Row* last() const { return !rows.empty() && rows.back().return_mean ? &rows.back() : nullptr; }
};

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
  const bool made = online > 0 ? collected >= online : run.updates >= steps;
  const auto* last = run.last();
  run.finished = made && (c.env.empty() || (last != nullptr && last->updates == run.updates));
}

// What the children say, on a terminal with one line below it that is redrawn.
class SeedsProgress {
 public:
  explicit SeedsProgress(std::size_t runs) : runs_(runs), terminal_(isatty(STDERR_FILENO) == 1) {}
  ~SeedsProgress() { clear(); }

  void line(std::uint64_t seed, const std::string& text) {
    const bool progress = text.starts_with("update ") || text.starts_with("step ");
    if (progress && terminal_) at_[seed] = text;
    else if (progress || said_.insert(text).second) say_of(seed, text);  // what all of them say is said once
    draw_line();
  }
  void say_of(std::uint64_t seed, const std::string& text) {
    clear();
    say("seed {}: {}", seed, text);
  }
  void ended(std::uint64_t seed) {
    at_.erase(seed);
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
    for (const auto& [seed, what] : at_) {
      const auto words = what.substr(what.find(' ') + 1);
      const auto mark = words.find("  return ");
      text +=
          fmt::format("  |  {}: {}{}", seed, words.substr(0, words.find(' ')),
                      mark == std::string::npos ? "" : words.substr(mark + 1, words.find("  ", mark + 2) - mark - 1));
    }
    winsize size{};
    const std::size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79u;
    draw("\r" + printable(text).substr(0, width) + "\033[K");
    drawn_ = true;
  }

  std::size_t runs_, ended_ = 0;
  bool terminal_, drawn_ = false;
  std::map<std::uint64_t, std::string> at_;
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

// All curves in one picture: a thin line for each seed, their mean, where all of them were evaluated, and its bootstrap
// interval.  Of a single evaluation there are no curves: the points are large, and the mean stands beside them.
inline void draw_curves(const std::string& out, const std::vector<SeedRun>& runs, std::optional<double> behavior) {
  constexpr std::size_t named = 10;  // with more, each seed has no color and no name of its own
  constexpr const char* colors[named] = {"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd",
                                         "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"};
  std::string data, plot;
  std::map<std::int64_t, std::vector<double>> at;
  for (const auto& run : runs)
    for (const auto& row : run.rows)
      if (row.return_mean) at[row.updates].push_back(*row.return_mean);
  const bool once = at.size() == 1;
  const char* const as = once ? "points pt 7 ps 1.4" : "linespoints lw 1 pt 7 ps 0.35";
  std::size_t curves = 0;
  std::int64_t online_from = 0;
  double low = behavior.value_or(HUGE_VAL), high = behavior.value_or(-HUGE_VAL);
  for (const auto& run : runs) {
    std::string points;
    for (const auto& row : run.rows)
      if (row.return_mean) {
        points += fmt::format("{} {}\n", row.updates, *row.return_mean);
        low = std::min(low, *row.return_mean), high = std::max(high, *row.return_mean);
      }
    if (points.empty()) continue;
    const auto& c = run.config.command;
    if (c.online.steps > 0) online_from = c.steps;
    data += fmt::format("$seed{} << EOD\n{}EOD\n", curves, points);
    const auto title = runs.size() <= named ? fmt::format("title 'seed {}'", run.seed)
                       : curves == 0        ? std::string("title 'one seed'")
                                            : std::string("notitle");
    plot += fmt::format("$seed{} using 1:2 with {} lc rgb '{}' {}, ", curves, as,
                        runs.size() <= named ? colors[curves] : "#9ecae1", title);
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
  const bool together = curves > 1 && !mean.empty();
  if (together) data += fmt::format("$mean << EOD\n{}EOD\n$band << EOD\n{}EOD\n", mean, band);
  const auto* shown = &runs.front();
  for (const auto& run : runs)
    if (run.saved) shown = &run;
  auto script = data +
                "set title name noenhanced\nset xlabel 'updates'\nset ylabel 'episode return'\n"
                "set key outside top center horizontal\nset grid lc rgb '#dddddd' lt 1\nset border 3\n"
                "set tics nomirror\nset xrange [0:*]\nset style fill transparent solid 0.2 noborder\n"
                "set format x '%.0f'\n";
  if (behavior) script += fmt::format("behavior = {}\n", *behavior);
  if (once) script += only_at(at.begin()->first);
  script += online_mark(online_from) + score_axis(shown->config.score, low, high);
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
       fmt::format("{} on {}, {} seeds", c.algorithm, c.dataset.empty() ? c.env : label_of(c.dataset), curves),
       script + all + "\n");
}

// What the runs have come to, in the folder's files, on standard error and, as one line of JSON, on standard output.
inline void report(const std::string& out, const std::vector<SeedRun>& runs, std::optional<double> behavior,
                   double seconds) {
  json result, each = json::array(), finished = json::array(), failed = json::array(), seeds = json::array();
  std::vector<double> returns, scores;
  std::string table = "seed,updates,return_mean,return_std,score\n";
  std::optional<RunScore> reference;
  const SeedRun* any = nullptr;
  bool shown = false;
  for (const auto& run : runs) {
    seeds.push_back(run.seed);
    if (!run.error.empty()) failed.push_back(run.seed);
    if (!run.saved) continue;
    any = &run;
    if (!reference) reference = run.config.score;
    if (run.finished) finished.push_back(run.seed);
    json one = {{"seed", run.seed}, {"finished", run.finished}, {"updates", run.updates}};
    const auto* last = run.last();
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
    if (!last) continue;
    if (run.finished) returns.push_back(*last->return_mean);
    table += fmt::format("{},{},{},{},{}\n", run.seed, last->updates, *last->return_mean, *last->return_std, score);
    if (!std::exchange(shown, true))
      say("{:>10} {:>12} {:>12} {:>12} {:>8}", "seed", "updates", "return", "std", "score");
    say("{:>10} {:>12} {:>12.5g} {:>12.4g} {:>8}{}", run.seed, last->updates, *last->return_mean, *last->return_std,
        score.empty() ? "" : fmt::format("{:.1f}", one["score"].get<double>()), run.finished ? "" : "  (not finished)");
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
    if (table.find('\n') + 1 < table.size()) write_text(out + "/seeds.csv", table);
    write_text(out + "/result.json", pretty(result) + "\n");
    if (!returns.empty()) draw_curves(out, runs, behavior);
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

inline std::string listed_seeds(const std::vector<SeedRun>& runs, bool (*which)(const SeedRun&)) {
  std::string all;
  for (const auto& run : runs)
    if (which(run)) all += (all.empty() ? "" : ", ") + std::to_string(run.seed);
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
  if (c.has("--seed"))
    throw Error("--seed and --seeds are two ways to say which seeds there are; leave out one of them");
  const auto seeds = seeds_of(c.seeds);
  auto one = c;
  one.out.clear();
  const bool of_several = !c.finetune.empty() && holds_seeds(c.finetune);
  if (of_several) {
    for (const auto seed : seeds) {
      one.finetune = detail::seed_folder(c.finetune, seed);
      refuse(one);
    }
  } else {
    refuse(one);
  }
  if (!c.out.empty()) detail::require_free_for(c.out, seeds, c.overwrite);
}

TESSERA_CLI_INLINE int train_seeds(const SeedsCommand& command) {
  const auto& c = command.command;
  const bool resumed = !c.resume.empty();
  const auto began = std::chrono::steady_clock::now();
  remember_signals();

  SeedsConfig config;
  if (resumed) config = detail::seeds_config_of(c.resume);
  else config = {c.seeds, c.finetune.empty() ? "train" : "finetune", c.finetune, command.flags};
  const auto seeds = seeds_of(config.seeds);
  const auto out = resumed ? c.resume : !c.out.empty() ? c.out : detail::default_seeds_folder(c, seeds);
  HeldFolder folder(out, detail::seeds_kind(), !resumed);
  if (!resumed) detail::require_free_for(out, seeds, c.overwrite);  // held: nobody changes it from now on
  else config = detail::seeds_config_of(out);
  const auto before = small_file(folder.file("config.json"));

  std::vector<detail::SeedRun> runs;
  for (const auto seed : seeds) {
    runs.push_back({seed, detail::seed_folder(out, seed)});
    const auto checkpoint = file_of(runs.back().folder, "checkpoint.safetensors");
    std::error_code code;
    if (!resumed && fs::exists(checkpoint, code))
      config.replaced[std::to_string(seed)] = detail::hash_of_file(checkpoint);
  }
  const auto look = [&](detail::SeedRun& run) {
    const auto replaced = config.replaced.find(std::to_string(run.seed));
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
    const std::string data = "--dataset=";
    const auto old = std::find_if(config.flags.begin(), config.flags.end(),
                                  [&](const std::string& flag) { return flag.starts_with(data); });
    const auto moved =
        c.dataset.empty() || old == config.flags.end() ? c.dataset : moved_dataset(c.dataset, old->substr(data.size()));
    for (const auto& [from, to, dataset] :
         {std::tuple{&command.flags, &flags, moved}, {&command.lasting, &lasting.flags, absolute_dataset(moved)}})
      for (const auto& flag : *from)
        detail::set_flag(*to, flag.substr(0, flag.find('=')), flag.starts_with(data) ? data + dataset : flag);
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
      one.insert(one.end(), {fmt::format("--seed={}", run.seed), "--threads=1", "--out=" + run.folder});
      if (config.replaced.contains(std::to_string(run.seed))) one.push_back("--overwrite");
    }
    words.push_back(std::move(one)), which.push_back(i);
  }

  write_text(folder.file("config.json"), seeds_config_text(lasting));

  std::optional<double> behavior;
  if (const auto text = resumed ? small_file(folder.file("result.json"), 1 << 22) : std::nullopt)
    behavior = detail::behavior_in(*text);
  const auto cores = std::size_t(std::max(1u, std::thread::hardware_concurrency()));
  const auto together =
      std::max<std::size_t>(1, std::min(words.size(), c.threads > 0 ? std::size_t(c.threads) : cores));
  if (words.size() < runs.size()) say("{} of {} runs have ended already", runs.size() - words.size(), runs.size());
  if (!words.empty())
    say("{} run{}, {} at a time, one thread each", words.size(), words.size() == 1 ? "" : "s", together);
  int bad = 0, other = 0;  // runs that failed: something is wrong with what they were given; for another reason
  {
    detail::SeedsProgress progress(words.size());
    run_children(
        words, together,
        [&](std::size_t i, const std::string& line) {
          if (!line.starts_with('{')) return progress.line(runs[which[i]].seed, line);
          if (const auto found = detail::behavior_in(line)) behavior = found;
        },
        [&](std::size_t i, const ChildEnd& end) {
          auto& run = runs[which[i]];
          const bool stopped = interrupted() && end.code == 128 + interrupting_signal();
          if (end.code != 0 && !stopped) {
            run.error = end.error;
            ++(end.code == 2 ? bad : other);
            progress.clear();
            say("{}: error: seed {}: {}", program_name(), run.seed, end.error);
          }
          progress.ended(run.seed);
        });
  }
  bool saved = false;
  for (auto& run : runs) {
    try {
      look(run);
    } catch (const Error& error) {
      if (run.error.empty())
        run.error = error.what(), ++bad, say("{}: error: seed {}: {}", program_name(), run.seed, run.error);
      run.saved = run.finished = false;
    }
    if (run.error.empty() && !run.finished && !interrupted()) {
      run.error = "ended without being finished", ++other;
      say("{}: error: seed {}: {}", program_name(), run.seed, run.error);
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
  say("{}: error: {} of {} runs failed (seeds {}); {}", program_name(), bad + other, runs.size(), failed,
      saved || resumed ? "go on with: " + go_on : std::string("nothing was saved"));
  return other > 0 ? 1 : 2;
}
}  // namespace tessera::cli
