#pragma once
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include <tessera/cli/files.hpp>
#include <tessera/cli/folder.hpp>
#include <tessera/cli/impl/group.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/cli/seeds.hpp>
#include <tessera/cli/seeds_report.hpp>
#include <tessera/cli/sweep.hpp>
#include <tessera/cli/tasks.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/printable.hpp>

extern char** environ;  // NOLINT: no header declares it

namespace tessera::cli {
namespace detail {
inline std::string tasks_of(const std::string& out) { return out + "/tasks"; }

// Throws an Error where the runs that a folder holds are not the first ones of this sweep, or not of its flags.
inline void require_same_sweep(const std::string& out, const SeedsConfig& old, const SeedsConfig& lasting,
                               const std::vector<std::string>& names) {
  const auto otherwise = [&](const std::string& what) {
    return Error(out + ": holds a sweep " + what + "; give another --out, or replace it with --overwrite");
  };
  const auto differs = [](const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const auto found = std::find_if(
        a.begin(), a.end(), [&](const std::string& each) { return std::find(b.begin(), b.end(), each) == b.end(); });
    return found == a.end() ? std::string() : printable_name(*found);
  };
  if (const auto flag = differs(old.flags, lasting.flags); !flag.empty())
    throw otherwise("with " + flag + ", which this one has not");
  if (const auto flag = differs(lasting.flags, old.flags); !flag.empty())
    throw otherwise("without " + flag + ", which this one has");
  for (const auto& run : runs_of_group(out, old))
    if (std::find(names.begin(), names.end(), run.name()) == names.end())
      throw otherwise("with the run " + printable_name(run.name()) + ", which this one has not");
}

// Starts a program with words that no shell sees, and waits for it; its exit code.
inline int run_program(const std::vector<std::string>& words) {
  auto all = words;
  std::vector<char*> arguments;
  for (auto& word : all) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t id = -1;
  const int failure = ::posix_spawnp(&id, arguments.front(), nullptr, nullptr, arguments.data(), environ);
  if (failure != 0)
    throw Error(fmt::format("--launcher {}: cannot be started ({}); the same command goes on without it", words.front(),
                            std::strerror(failure)));
  bool told = false;
  for (int status = 0;;) {
    const auto ended = ::waitpid(id, &status, WNOHANG);
    if (ended == id) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (ended < 0 && errno != EINTR) return 1;
    if (const int signal = interrupting_signal(); signal != 0 && !std::exchange(told, true)) ::kill(id, signal);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

inline void launch(const SweepCommand& c, const std::string& out) {
  std::error_code code;
  const auto program = fs::read_symlink("/proc/self/exe", code).string();
  const auto words = launcher_words(
      c, program,
      {"sweep", "--join=" + fs::absolute(out, code).string(), fmt::format("--threads={}", std::max(1, c.threads)),
       fmt::format("--lost-after={}", c.lost_after)});
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  say("launched: {}", text);
  if (const int ended = run_program(words); ended != 0 && !interrupted())
    say("warning [launcher]: {} ended with exit code {}", c.launcher, ended);
}
}  // namespace detail

TESSERA_CLI_INLINE void require_launcher(const std::string& name) {
  if (name != "srun" && name != "mpirun" && name != "parallel")
    throw Error("--launcher: '" + printable_name(name) + "': there are srun, mpirun and parallel");
  const char* path = std::getenv("PATH");
  for (const auto& folder : split_at(path == nullptr ? "" : path, ':'))
    if (!folder.empty() && ::access((folder + "/" + name).c_str(), X_OK) == 0) return;
  throw Error("--launcher: there is no " + name + " in PATH; install it, or leave the flag out");
}

TESSERA_CLI_INLINE std::vector<std::string> launcher_words(const SweepCommand& c, const std::string& program,
                                                           const std::vector<std::string>& words) {
  std::vector<std::string> out{c.launcher};
  const auto count = std::to_string(c.processes);
  if (c.launcher == "srun") {
    if (c.processes > 0) out.push_back("--ntasks=" + count);
  } else if (c.launcher == "mpirun") {
    if (c.processes > 0) out.insert(out.end(), {"-n", count});
  } else {
    // A line of its input for each process, none of which is put into the command; it quotes what its shell sees.
    out.insert(out.end(), {"--ungroup", "--quote", "--max-args=0", "--jobs=" + (c.processes > 0 ? count : "100%")});
  }
  out.insert(out.end(), c.launcher_flags.begin(), c.launcher_flags.end());
  out.push_back(program);
  out.insert(out.end(), words.begin(), words.end());
  if (c.launcher == "parallel") {
    out.emplace_back(":::");
    const auto cores = std::max<std::size_t>(1, own_cores().size());
    for (std::size_t i = 1; i <= (c.processes > 0 ? std::size_t(c.processes) : cores); ++i)
      out.push_back(std::to_string(i));
  }
  return out;
}

TESSERA_CLI_INLINE std::vector<std::string> flags_of_sweep(const std::string& folder) {
  if (!holds_seeds(folder)) throw Error(folder + ": holds no sweep; start one with a file");
  return detail::seeds_config_of(folder).flags;
}

TESSERA_CLI_INLINE int train_sweep(const SweepCommand& sweep, const SeedsCommand& command, const Program& program) {
  const auto& c = command.command;
  const auto began = std::chrono::steady_clock::now();
  remember_signals();
  const auto out = !sweep.out.empty() ? sweep.out
                   : !c.out.empty()   ? c.out
                                      : "runs/" + fs::path(sweep.file).stem().string();
  HeldFolder folder(out, detail::seeds_kind(), true);
  SeedsConfig config{
      c.seeds.empty() ? std::to_string(c.seed) : c.seeds, "train", "", command.flags, {}, c.grid, c.draws};
  const auto settings = settings_of_group(c.grid, c.draws);
  const auto names = detail::names_of_group(seeds_of(config.seeds), settings);
  const bool goes_on = holds_seeds(out) && !sweep.overwrite;
  const auto before = small_file(folder.file("config.json"));
  if (goes_on) {
    const auto old = detail::seeds_config_of(out);
    auto lasting = config;
    lasting.flags = command.lasting;
    detail::require_same_sweep(out, old, lasting, names);
    config.replaced = old.replaced;
  } else {
    detail::require_free_for(out, names, !settings.front().empty(), sweep.overwrite);
  }
  detail::Group group(command, std::move(config), out);
  if (!goes_on) group.replace_others();
  std::vector<std::string> open;
  for (auto& run : group.runs) {
    if (goes_on) group.look(run);
    if (!run.finished) open.push_back(run.name());
  }
  write_text(folder.file("config.json"), seeds_config_text(group.lasting()));

  std::optional<double> behavior;
  if (const auto text = goes_on ? small_file(folder.file("result.json"), 1 << 22) : std::nullopt)
    behavior = behavior_in(*text);
  detail::Failures failures;
  if (open.size() < group.runs.size())
    say("{} of {} runs have ended already", group.runs.size() - open.size(), group.runs.size());
  if (!open.empty()) {
    say("{} run{} of {} setting{}", open.size(), open.size() == 1 ? "" : "s", settings.size(),
        settings.size() == 1 ? "" : "s");
    Tasks tasks(detail::tasks_of(out), sweep.lost_after);
    tasks.offer(open);
    if (sweep.launcher.empty())
      detail::run_tasks(
          group, tasks, program, [&] { folder.leave(), tasks.leave(); }, behavior, failures);
    else detail::launch(sweep, out);
    for (auto& run : group.runs)
      if (const auto end = tasks.failure(run.name()); end && run.error.empty())
        run.error = end->error, failures.add(end->code);
  }
  const bool saved = detail::look_at_all(group, failures);
  const bool whole = std::all_of(group.runs.begin(), group.runs.end(), [](const auto& run) { return run.finished; });
  std::error_code ignored;
  if (whole || (!saved && !goes_on)) fs::remove_all(detail::tasks_of(out), ignored);
  if (!saved && !goes_on) {  // as if it had not been started
    if (before) write_text(folder.file("config.json"), *before);
    else std::remove(folder.file("config.json").c_str());
  }
  if (saved) report_runs(out, group.runs, behavior, detail::seconds_of(began));
  auto again = fmt::format("{} sweep {}", program_name(), sweep.file);
  if (!sweep.out.empty()) again += " --out " + sweep.out;
  return detail::end_group(group, saved, goes_on, failures, again);
}

TESSERA_CLI_INLINE int join_sweep(const SweepCommand& sweep, const SeedsCommand& command, const Program& program) {
  remember_signals();
  std::error_code code;
  if (!fs::is_directory(detail::tasks_of(sweep.join), code)) {
    say("{}: nobody is at work on a sweep there, or it has ended", sweep.join);
    return 0;
  }
  detail::Group group(command, detail::seeds_config_of(sweep.join), sweep.join);
  Tasks tasks(detail::tasks_of(sweep.join), sweep.lost_after);
  std::optional<double> behavior;
  detail::Failures failures;
  detail::run_tasks(
      group, tasks, program, [&] { tasks.leave(); }, behavior, failures);
  if (interrupted()) throw Interrupted("interrupted; what it had taken is there for others to take");
  return failures.all() == 0 ? 0 : failures.other > 0 ? 1 : 2;
}
}  // namespace tessera::cli
