#pragma once
// The runs of several seeds or settings at work, for `train_seeds` and `train_sweep`.
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
#include <tessera/cli/engine.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/folder.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/pretty_json.hpp>
#include <tessera/cli/progress.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/cli/score.hpp>
#include <tessera/cli/seed_run.hpp>
#include <tessera/cli/seeds_report.hpp>
#include <tessera/cli/tasks.hpp>
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
  static const FolderKind kind{
      "group of runs",
      {"config.json"},
      {"result.json", "seeds.csv", "grid.csv", "curves.svg", "curves.png", "settings.svg", "settings.png"},
      is_seeds_config};
  return kind;
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
  if (!c.grid.empty() || !c.draws.empty()) base += "-grid";
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

// Of a grid without --seeds: that of --seed.
inline std::vector<std::uint64_t> seeds_of_command(const TrainCommand& c) {
  return c.seeds.empty() ? std::vector{c.seed} : seeds_of(c.seeds);
}
inline std::vector<std::string> names_of_group(const std::vector<std::uint64_t>& seeds,
                                               const std::vector<std::vector<std::string>>& settings) {
  std::vector<std::string> out;
  for (const auto& setting : settings)
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

// The runs of a group at work: from config.json and the command to the words of each run.
class Group {
 public:
  Group(const SeedsCommand& command, SeedsConfig of, std::string folder)
      : config(std::move(of)), out(std::move(folder)), runs(runs_of_group(out, config)), command_(command),
        flags_(config.flags), lasting_(config) {
    if (!command.command.resume.empty()) take_over();
    else {
      lasting_.flags = command.lasting;
      if (!lasting_.run.empty()) lasting_.run = absolute_dataset(lasting_.run);
    }
  }

  // Notes what is in the folders that its runs are going to replace.
  void replace_others() {
    std::error_code code;
    for (const auto& run : runs)
      if (const auto checkpoint = file_of(run.folder, "checkpoint.safetensors"); fs::exists(checkpoint, code))
        config.replaced[run.key()] = hash_of_file(checkpoint);
    lasting_.replaced = config.replaced;
  }
  void look(SeedRun& run) const {
    const auto replaced = config.replaced.find(run.key());
    run.look(replaced == config.replaced.end() ? "" : replaced->second, command_.command);
  }
  std::vector<std::string> words_of(const SeedRun& run) const {
    std::vector<std::string> words;
    if (run.saved) {
      words = {"train", "--resume=" + run.folder, "--threads=1"};
      words.insert(words.end(), again_.begin(), again_.end());
      return words;
    }
    words = {config.command};
    if (!config.run.empty()) words.push_back(holds_seeds(config.run) ? seed_folder(config.run, run.seed) : config.run);
    words.insert(words.end(), flags_.begin(), flags_.end());
    for (const auto& setting : run.settings) words.push_back("--set=" + setting);
    words.insert(words.end(), {fmt::format("--seed={}", run.seed), "--threads=1", "--out=" + run.folder});
    if (config.replaced.contains(run.key())) words.push_back("--overwrite");
    return words;
  }
  const SeedsConfig& lasting() const { return lasting_; }
  const TrainCommand& given() const { return command_.command; }

  SeedsConfig config;
  std::string out;
  std::vector<SeedRun> runs;

 private:
  // What a run that goes on may have otherwise now, those that have not begun have likewise: their data lie where they
  // do now, and are read as before.
  void take_over() {
    const auto& c = command_.command;
    again_ = command_.flags;
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
    for (const auto& flag : command_.flags)
      set_flag(flags_, flag.substr(0, flag.find('=')), with(with(flag, data, dataset), judged_by, judge));
    for (const auto& flag : command_.lasting)
      set_flag(lasting_.flags, flag.substr(0, flag.find('=')),
               with(with(flag, data, absolute_dataset(dataset)), judged_by, absolute_dataset(judge)));
  }

  const SeedsCommand& command_;
  std::vector<std::string> flags_, again_;
  SeedsConfig lasting_;
};

// How many runs failed: because something is wrong with what they were given; for another reason.
struct Failures {
  int bad = 0, other = 0;
  void add(int code) { ++(code == 2 ? bad : other); }
  int all() const { return bad + other; }
};

// A line of a run's: its result, of which the data's return is kept, or what it says.
inline void tell_line(const SeedRun& run, const std::string& line, SeedsProgress& progress,
                      std::optional<double>& behavior) {
  if (!line.starts_with('{')) return progress.line(run, line);
  if (const auto found = behavior_in(line)) behavior = found;
}
// A run's end, told.
inline void end_run(SeedRun& run, const ChildEnd& end, SeedsProgress& progress, Failures& failures) {
  const bool stopped = interrupted() && end.code == 128 + interrupting_signal();
  if (end.code != 0 && !stopped) {
    run.error = end.error;
    failures.add(end.code);
    progress.clear();
    say("{}: error: {}: {}", program_name(), run.label(), end.error);
  }
  progress.ended(run);
}

// How many runs work together: as many as the process has cores, or as it was told.
inline std::size_t at_a_time(int threads, std::size_t runs) {
  const auto cores = std::max<std::size_t>(1, own_cores().size());
  return std::max<std::size_t>(1, std::min(runs, threads > 0 ? std::size_t(threads) : cores));
}

// Does the runs that have not ended, all in this process's children.
inline void run_all(Group& group, const Program& program, const std::function<void()>& leave,
                    std::optional<double>& behavior, Failures& failures) {
  std::vector<std::vector<std::string>> words;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < group.runs.size(); ++i)
    if (!group.runs[i].finished) words.push_back(group.words_of(group.runs[i])), which.push_back(i);
  const auto together = at_a_time(group.given().threads, words.size());
  if (words.size() < group.runs.size())
    say("{} of {} runs have ended already", group.runs.size() - words.size(), group.runs.size());
  if (words.empty()) return;
  say("{} run{}, {} at a time, one thread each", words.size(), words.size() == 1 ? "" : "s", together);
  SeedsProgress progress(words.size());
  preload_for(group.runs[which.front()], group.given(), group.config, program);
  run_children(
      {worker(program), leave}, words, together,
      [&](std::size_t i, const std::string& line) { tell_line(group.runs[which[i]], line, progress, behavior); },
      [&](std::size_t i, const ChildEnd& end) { end_run(group.runs[which[i]], end, progress, failures); });
}

// Does those of the runs that it takes of the tasks, until nobody has any to do.
inline void run_tasks(Group& group, Tasks& tasks, const Program& program, const std::function<void()>& leave,
                      std::optional<double>& behavior, Failures& failures) {
  using clock = std::chrono::steady_clock;
  std::vector<std::string> names;
  for (const auto& run : group.runs) names.push_back(run.name());
  std::vector<std::size_t> which;  // of the children
  std::map<std::string, std::size_t> child_of;
  std::set<std::size_t> lost;
  const auto together = at_a_time(group.given().threads, names.size());
  SeedsProgress progress(names.size());
  bool loaded = false, more = true;
  auto looked = clock::time_point::min(), touched = clock::time_point::min();
  const auto due = [](clock::time_point& last, double seconds) {
    if (last != clock::time_point::min() && std::chrono::duration<double>(clock::now() - last).count() < seconds)
      return false;
    last = clock::now();
    return true;
  };
  bool nothing = false;  // at the last look
  Supply supply;
  supply.more = [&] {
    if (due(looked, tasks.patience())) more = tasks.open(), nothing = false;
    return more;
  };
  supply.take = [&]() -> std::optional<std::vector<std::string>> {
    while (!nothing) {
      const auto name = tasks.take(names);
      if (!name) break;
      const auto i = std::size_t(std::find(names.begin(), names.end(), *name) - names.begin());
      auto& run = group.runs[i];
      run.error.clear();
      try {
        group.look(run);
      } catch (const Error& error) {
        tasks.failed(*name, {2, error.what()});
        continue;
      }
      if (run.finished) {  // by a process that was lost before it could say so
        tasks.done(*name);
        continue;
      }
      if (!std::exchange(loaded, true)) preload_for(run, group.given(), group.config, program);
      child_of[*name] = which.size();
      which.push_back(i);
      return group.words_of(run);
    }
    nothing = true;
    return std::nullopt;
  };
  supply.unwanted = [&] {
    std::vector<std::size_t> out;
    if (!due(touched, tasks.patience())) return out;
    for (const auto& name : tasks.give_back()) say("{}: was given up by its process; another one takes it", name);
    for (const auto& name : tasks.touch()) {
      say("{}: this process was not heard of for so long that another one has taken it", name);
      lost.insert(child_of[name]), out.push_back(child_of[name]);
    }
    return out;
  };
  run_children(
      {worker(program), leave}, supply, together,
      [&](std::size_t i, const std::string& line) { tell_line(group.runs[which[i]], line, progress, behavior); },
      [&](std::size_t i, const ChildEnd& end) {
        auto& run = group.runs[which[i]];
        if (lost.contains(i)) return progress.ended(run);
        end_run(run, end, progress, failures);
        if (end.code == 0) tasks.done(run.name());
        else if (!interrupted()) tasks.failed(run.name(), {end.code, run.error});
        looked = clock::time_point::min();
      });
}

// What the runs have come to by now; an error of one is said where nobody has.  Whether any is saved.
inline bool look_at_all(Group& group, Failures& failures) {
  bool saved = false;
  for (auto& run : group.runs) {
    try {
      group.look(run);
    } catch (const Error& error) {
      if (run.error.empty()) {
        run.error = error.what(), ++failures.bad;
        say("{}: error: {}: {}", program_name(), run.label(), run.error);
      }
      run.saved = run.finished = false;
    }
    if (run.error.empty() && !run.finished && !interrupted()) {
      run.error = "ended without being finished", ++failures.other;
      say("{}: error: {}: {}", program_name(), run.label(), run.error);
    }
    saved = saved || run.saved;
  }
  return saved;
}

// The exit code of a group, whose end is told; `go_on`: the command that goes on with it.
inline int end_group(const Group& group, bool saved, bool kept, const Failures& failures, const std::string& go_on) {
  if (interrupted()) {
    if (std::all_of(group.runs.begin(), group.runs.end(), [](const auto& run) { return run.finished; }))
      throw Interrupted(fmt::format("interrupted after the last update; {} is whole", group.out));
    if (!saved && !kept) throw Interrupted("interrupted before the first checkpoint; nothing was written");
    throw Interrupted("interrupted; go on with: " + go_on);
  }
  if (failures.all() == 0) return 0;
  const auto failed = listed_seeds(group.runs, [](const SeedRun& run) { return !run.error.empty(); });
  say("{}: error: {} of {} runs failed ({}{}); {}", program_name(), failures.all(), group.runs.size(),
      group.runs.front().settings.empty() ? "seeds " : "", failed,
      saved || kept ? "go on with: " + go_on : std::string("nothing was saved"));
  return failures.other > 0 ? 1 : 2;
}
inline double seconds_of(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}
}  // namespace detail
}  // namespace tessera::cli
