#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/dynamics_models.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/front.hpp>
#include <tessera/cli/limits.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/cli/score.hpp>
#include <tessera/cli/words.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/launch.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
inline bool file_is_there(const std::string& path) {
  std::error_code code;
  return fs::exists(path, code);
}
inline void require_env(const std::string& env) {
  if (!env.empty()) require_environment_named(env);
}
inline void require_model(const std::string& path) {
  if (!file_is_there(path))
    throw Error(path + ": there is no such folder or file; give the --out of `" + program_name() + " model train`");
}
// Keep paths complete, from the root on.
inline void require_named_folder() {
  std::error_code code;
  if (const auto here = fs::current_path(code).string(); !is_utf8(here))
    throw Error("the folder '" + here +
                "' is not UTF-8, and config.json could not name what is in it; rename it, or work elsewhere");
}
}  // namespace detail

namespace detail {
// Flags of the estimate during a training, and of what is kept by it.
inline void refuse_following(const TrainCommand& c) {
  if (c.follow.every == 0)
    for (const char* flag : {"--ope-dataset", "--ope-updates"})
      if (c.has(flag) && c.resume.empty())
        throw Error(std::string(flag) +
                    " is of the estimate during a training; say how often it is made with "
                    "--ope-every, or leave it out");
  if (c.follow.every > 0 && c.online.steps > 0)
    throw Error("--ope-every is of a training from logged data alone; leave it out beside --online-steps");
  for (const char* flag : {"--patience", "--keep-best"}) {
    if (!c.has(flag) || !c.resume.empty()) continue;
    if (c.online.steps > 0)
      throw Error(std::string(flag) + " is of a training from logged data alone; leave it out beside --online-steps");
    if (c.follow.every == 0 && c.env.empty())
      throw Error(std::string(flag) + " needs to know what is better: give --ope-every, or an environment with --env");
  }
  if (!c.follow.dataset.empty()) require_dataset(c.follow.dataset);
}
}  // namespace detail

namespace detail {
// What is particular to one of several processes: rank 0 alone has the run's folder.  Whether it is another.
inline bool refuse_ranks(const TrainCommand& c) {
  if (!c.ranks.on) {
    for (const char* flag : {"--sharded", "--rank-timeout"})
      if (c.has(flag) && c.resume.empty())
        throw Error(std::string(flag) + " is of several processes; give --data-parallel too, or leave it out");
    return false;
  }
  const auto launch = launch_from_environment();
  if (c.online.steps > 0)
    throw Error("--data-parallel is of a training from logged data; leave it out beside --online-steps");
  if (c.resume.empty() && c.batch % launch.size != 0)
    throw Error(fmt::format("--batch {}: {} processes cannot share it equally; give a multiple of {}", c.batch,
                            launch.size, launch.size));
  return launch.rank > 0;
}
}  // namespace detail

TESSERA_CLI_INLINE void refuse(const TrainCommand& c) {
  detail::require_named_folder();
  const bool follows = detail::refuse_ranks(c);
  if (!c.score.empty()) {
    score_reference(c.score);
    if (c.env.empty() && c.finetune.empty() && c.resume.empty())
      throw Error("--score is for the returns in an environment; name one with --env, or leave it out");
  }
  if (!c.resume.empty()) {
    require_resumable(c);
    if (follows) return;
    if (const auto run = RunFolder::run_that_keeps(c.resume))
      throw Error(c.resume + ": is one checkpoint of a run, and a run goes on from its last; give its folder, " + *run);
    const auto run = RunFolder::config_of(c.resume).command;
    if (c.ranks.on && run.online.steps > 0)
      throw Error("--data-parallel: the run in " + c.resume + " learns online, which one process does; leave it out");
    if (c.has("--patience") && run.follow.every == 0 && run.env.empty())
      throw Error("--patience: the run in " + c.resume +
                  " knows nothing that is better: it has no --ope-every, and no environment");
    if (c.has("--ope-dataset") && run.follow.dataset.empty())
      throw Error("--ope-dataset: the run in " + c.resume +
                  " is not judged by data of their own; leave it out, or start a new run");
  } else if (!c.finetune.empty()) {
    const auto run = RunFolder::config_of(c.finetune);
    if (run.command.online.steps > 0)
      throw Error(c.finetune + ": has an online phase already; go on with `" + program_name() + " train --resume " +
                  c.finetune + " --online-steps N`");
    if (c.env.empty() && run.command.env.empty())
      throw Error(c.finetune + ": was trained without an environment; name the one to learn in with --env");
    // For its own kind of actions: whether the settings are its own is seen where it is loaded.
    settings(c.set);
  } else if (c.algorithm.empty() || (c.dataset.empty() && c.online.steps == 0)) {
    throw Error("train needs --algorithm and --dataset (or --resume, or --env and --online-steps); see `" +
                program_name() + " train --help`");
  } else {
    // For which kind of actions, the data will say.
    const auto set = settings(c.set);
    const auto& a = likeliest(algorithm(c.algorithm), set);
    a.check(set);
    if (a.only_online && (c.online.steps == 0 || (c.has("--steps") && c.steps > 0)))
      throw Error("--algorithm " + c.algorithm +
                  ": half of each batch is collected online; give --online-steps, and no --steps");
  }
  if (c.online.steps > 0 && c.env.empty() && c.resume.empty() && c.finetune.empty())
    throw Error("--online-steps needs an environment to take them in; name it with --env");
  if (c.online.steps == 0)
    for (const char* flag :
         {"--updates-per-step", "--random-steps", "--environments", "--replay", "--exploration-noise"})
      if (c.has(flag) && c.resume.empty())
        throw Error(std::string(flag) + " is of the online phase, and there is none; give --online-steps too");
  if (c.online.steps > 0 && c.online.random_steps >= c.online.steps && c.resume.empty())
    throw Error(fmt::format(
        "--random-steps {}: nothing would be learned in --online-steps {}; give fewer, or more of the latter",
        c.online.random_steps, c.online.steps));
  if (c.online.steps > 0 && c.online.environments > c.online.steps && c.resume.empty())
    throw Error(
        fmt::format("--environments {}: all of them take a step at once, and --online-steps is {}; use fewer, "
                    "or take more steps",
                    c.online.environments, c.online.steps));
  detail::refuse_following(c);
  require_limits(c.action_low, c.action_high);
  detail::require_env(c.env);
  if (!c.dataset.empty()) require_dataset(c.dataset);
  if (!c.model.empty()) detail::require_model(c.model);
  if (!c.out.empty() && !follows) RunFolder::require_free(c.out, c.overwrite);
}

TESSERA_CLI_INLINE void refuse(const EvaluateCommand& c) {
  if (!c.score.empty()) score_reference(c.score);
  RunFolder::config_of(c.run);
  detail::require_env(c.env);
}

TESSERA_CLI_INLINE void refuse(const ModelTrainCommand& c) {
  detail::require_named_folder();
  dynamics_model(c.kind).settings(settings(c.set));
  detail::require_env(c.env);
  require_dataset(c.dataset);
  if (detail::file_is_there(c.out) && !fs::is_directory(c.out))
    throw Error(c.out + ": is a file, not a folder; give another --out");
}

TESSERA_CLI_INLINE void refuse(const ModelInspectCommand& c) {
  if (c.new_data && c.dataset.empty())
    throw Error("--new-data says that --dataset is other data than the model was trained on; name it with --dataset");
  detail::require_model(c.model);
  if (!c.dataset.empty()) require_dataset(c.dataset);
  if (!c.out.empty() && !fs::is_directory(c.out)) throw Error(c.out + ": there is no such folder; give another --out");
}
}  // namespace tessera::cli
