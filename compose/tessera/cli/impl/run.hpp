#pragma once
// The commands: train, sweep, finetune, evaluate, collect, rollout, export, ope, select, report, model, algorithms,
// explain, inspect, convert, doctor.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/collect_commands.hpp>
#include <tessera/cli/commands.hpp>
#include <tessera/cli/data_flags.hpp>
#include <tessera/cli/doctor.hpp>
#include <tessera/cli/dynamics_models.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/export_command.hpp>
#include <tessera/cli/front.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/limits.hpp>
#include <tessera/cli/ope_commands.hpp>
#include <tessera/cli/registration.hpp>
#include <tessera/cli/report.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/cli/seeds.hpp>
#include <tessera/cli/sweep.hpp>
#include <tessera/cli/sweep_file.hpp>
#include <tessera/cli/words.hpp>
#include <tessera/doctor/repairs.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/write.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/launch.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/version.hpp>

namespace tessera::cli {
namespace detail {
inline constexpr std::int64_t tera = 1'000'000'000'000;

inline int fail(const std::string& message, int code) {
  say(program_name() + ": error: " + message);
  return code;
}

// A flag that takes an integer; its help and its error name the valid range.
template <std::integral T>
CLI::Option* whole(CLI::App* app, const std::string& name, T& value, T min, T max, const std::string& about) {
  const auto range = fmt::format("from {} to {}", min, max);
  auto* option = app->add_option_function<std::string>(
      name,
      [=, &value](const std::string& text) {
        const auto x = whole_number<T>(text);
        if (!x || *x < min || *x > max)
          throw Error(fmt::format("{}: '{}' is not a whole number {}, such as 1000 or 1e3", name, text, range));
        value = *x;
      },
      about + ", " + range);
  return option->type_name("INT");
}
template <std::integral T>
CLI::Option* whole_or(CLI::App* app, const std::string& name, T& value, T min, T max, const std::string& about) {
  return whole(app, name, value, min, max, about)->default_str(std::to_string(value));
}
inline CLI::Option* number(CLI::App* app, const std::string& name, double& value, double min, double max,
                           const std::string& about) {
  const auto range = fmt::format("from {} to {}", min, max);
  return app
      ->add_option_function<std::string>(
          name,
          [=, &value](const std::string& text) {
            const auto x = real_number(text);
            if (!x || !(*x >= min && *x <= max))
              throw Error(fmt::format("{}: '{}' is not a number {}, such as 0.5", name, text, range));
            value = *x;
          },
          about + ", " + range)
      ->type_name("FLOAT")
      ->default_str(fmt::format("{}", value));
}
inline CLI::Option* text(CLI::App* app, const std::string& name, std::string& value, const std::string& about) {
  return app->add_option(name, value, about);
}
inline void device(CLI::App* app, std::string& value) {
  app->add_option("--device", value, "where it computes: cpu, cuda or cuda:INDEX")
      ->capture_default_str()
      ->check([](const std::string& given) -> std::string {
        const auto index = given.starts_with("cuda:") ? given.substr(5) : std::string("0");
        if (given == "cpu" || given.starts_with("cuda")) {
          const bool digits =
              !index.empty() && index.size() < 4 && index.find_first_not_of("0123456789") == std::string::npos;
          if (given == "cpu" || given == "cuda" || (given.starts_with("cuda:") && digits)) return "";
        }
        throw Error("device '" + given + "': there are cpu, cuda and cuda:INDEX");
      });
}
inline void product_precision(CLI::App* app, std::string& value) {
  app->add_option("--precision", value, "of the updates' matrix products on the CPU: float, or bf16 with float sums")
      ->capture_default_str()
      ->check([](const std::string& given) -> std::string {
        if (given != "float" && given != "bf16") throw Error("--precision: '" + given + "': there are float and bf16");
        return "";
      });
}
inline void threads(CLI::App* app, int& value) {
  whole(app, "--threads", value, 1, 1024, "processor cores to use (default: all)");
}
inline void set(CLI::App* app, std::vector<std::string>& values, const std::string& about) {
  app->add_option("--set", values, about + "; may be repeated")->take_all()->allow_extra_args(false);
}

inline void reading(CLI::App* app, Reading& value) {
  app->add_flag(
      "--untrusted", value.untrusted,
      "files of others may be made to do harm: read them in a process of its own, with limits of time and memory");
  app->add_option_function<std::string>(
         "--memory-limit",
         [&value](const std::string& text) {
           const auto x = real_number(text);
           if (!x || *x < 0.00001 || *x > 1e6)
             throw Error("--memory-limit: '" + text + "' is not a number of GB from 0.00001 to 1000000, such as 4");
           value.memory_limit = *x;
         },
         "GB that one file may take in memory (default: a hundred times its size, and half of the machine's memory)")
      ->type_name("GB");
}

inline void data_flags(CLI::App* app, DataFlags& flags) {
  text(app, "--columns", flags.columns,
       "which columns or keys of a file are what: episode=id,step=t,observation=age:hr:lab_*,action=dose,reward=r,"
       "done=died (also terminated, truncated, next, propensity), or @FILE with such a mapping in JSON (default: by "
       "their names)");
  text(app, "--missing", flags.missing,
       "what is done where an observation of a table is missing: error, drop-episode, previous, mean, a number, or "
       "previous and one more with a comma between (default: error)");
  text(app, "--actions", flags.actions, "read actions as discrete or as continuous (default: by the file's form)");
}

inline void online(CLI::App* app, OnlineCommand& o, bool required) {
  auto* steps = whole<std::int64_t>(app, "--online-steps", o.steps, required ? 1 : 0, tera,
                                    "steps of the environment to learn online");
  if (required) steps->required();
  else steps->default_str(std::to_string(o.steps));
  number(app, "--updates-per-step", o.updates_per_step, 0, 1000, "updates for each of them (RLPD, REDQ: 20)");
  whole_or<std::int64_t>(app, "--random-steps", o.random_steps, 0, tera, "first of them with uniform actions");
  whole_or<std::int64_t>(app, "--environments", o.environments, 1, 1024, "copies that are stepped together");
  whole_or<std::int64_t>(app, "--replay", o.replay, 1, tera, "transitions kept of those collected");
  number(app, "--exploration-noise", o.exploration_noise, 0, 1,
         "of policies that cannot be drawn from: in half ranges of an action, or the share of uniform ones");
}

// What the commands take that judge policies by data.
inline void judging(CLI::App* app, JudgeCommand& c, DataFlags& flags, const std::string& data_help) {
  app->add_option("runs", c.runs, "folders of the runs")->required();
  text(app, "--dataset", c.dataset, "the data to judge by, held out of training where there are enough: " + data_help)
      ->required();
  data_flags(app, flags);
  app->add_option_function<std::string>(
         "--discount",
         [&c](const std::string& given) {
           const auto x = real_number(given);
           if (!x || !(*x >= 0 && *x <= 1))
             throw Error("--discount: '" + given + "' is not a number from 0 to 1, such as 0.99");
           c.discount = *x;
         },
         "of later rewards, in each step (default: the run's own)")
      ->type_name("FLOAT");
  app->add_flag("--sampled", c.sampled,
                "judge the policy that draws from its distribution (default: as it acts in an evaluation)");
  whole_or<std::int64_t>(app, "--updates", c.updates, 1, tera,
                         "updates of fitted Q evaluation; a model of the behavior has a quarter as many");
  whole_or<std::int64_t>(app, "--members", c.members, 1, 1000, "its networks, whose mean is taken");
  whole<std::int64_t>(app, "--refits", c.refits, 4, 1000,
                      "fits of fqe to resampled episodes, so that its interval counts the error of the fit; each takes "
                      "as long as the first (default: none)");
  whole_or<int>(app, "--resamples", c.resamples, 100, 10'000'000, "resamples of the bootstrap intervals");
  whole_or<std::uint64_t>(app, "--seed", c.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                          "seed of everything random");
  app->add_flag("--json", c.as_json, "one JSON object instead of text");
  text(app, "--out", c.out, "write the JSON object to this file, too");
  threads(app, c.threads);
  device(app, c.device);
  reading(app, c.reading);
}

// The flags that were typed, in a form that another process understands in the same way; without some of them.
inline std::vector<std::string> typed(const CLI::App& command, const std::vector<std::string>& without) {
  std::vector<std::string> out;
  for (const auto* option : command.get_options()) {
    const auto name = option->get_name();
    if (option->count() == 0 || option->get_positional() ||
        std::find(without.begin(), without.end(), name) != without.end())
      continue;
    if (option->get_items_expected_max() == 0) out.push_back(name);
    else
      for (const auto& value : option->results()) out.push_back(name + "=" + value);
  }
  return out;
}

// A command of which there is a run for each seed.
inline SeedsCommand of_seeds(const CLI::App& command, const TrainCommand& c) {
  // What each run has of its own.
  std::vector<std::string> without = {"--seeds", "--seed", "--grid", "--threads", "--out", "--overwrite", "--resume"};
  SeedsCommand out{c, typed(command, without), {}};
  without.insert(without.end(),
                 {"--dataset", "--ope-dataset", "--columns", "--missing", "--actions", "--env", "--model"});
  out.lasting = typed(command, without);
  if (!c.dataset.empty()) out.lasting.push_back("--dataset=" + absolute_dataset(c.dataset));
  if (!c.follow.dataset.empty()) out.lasting.push_back("--ope-dataset=" + absolute_dataset(c.follow.dataset));
  if (!c.env.empty()) out.lasting.push_back("--env=" + absolute_environment(c.env));
  if (!c.model.empty()) out.lasting.push_back("--model=" + absolute_dataset(c.model));
  return out;
}

// What is said of a command that fails.
struct Doing {
  const char* what = "reading the command line";
};

// "builtin:NAME, or icu-sepsis:PATH".
inline std::string readers_text() {
  std::vector<std::string> all;
  for (const auto& reader : dataset_readers())
    if (reader.read != nullptr) all.push_back(reader.name + ":" + reader.request);
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i) text += (i == 0 ? "" : i + 1 < all.size() ? ", " : ", or ") + all[i];
  return text;
}

inline int run(int argc, char** argv, const Program& program, Doing& doing) {
  CLI::App app{"Offline reinforcement learning from logged data"};
  app.require_subcommand(1);
  app.set_version_flag("--version", [&] {
    return (program_name() == "tessera" ? "" : program_name() + ": ") + "tessera " + library_version + ", " +
           program.engine().libraries();
  });
  app.footer(
      "Of a flag that is given twice the last counts.  Exit codes: 0: done; 2: something is wrong with the command, a "
      "file or the data;\n"
      "1: it failed (a training diverged, memory or a device gave out), or `doctor` found something; 129, 130, 143: "
      "stopped by a signal.");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  const std::string data_help = "a file (HDF5 of D4RL or d3rlpy, CSV), " + readers_text(),
                    env_help = environments_text();

  TrainCommand t;
  auto* train = app.add_subcommand("train", "train a policy from logged data");
  text(train, "--algorithm", t.algorithm,
       "its name, as `" + program_name() +
           " algorithms` lists it: many are for continuous and discrete actions, as the data have them");
  text(train, "--dataset", t.dataset, data_help);
  DataFlags train_flags;
  data_flags(train, train_flags);
  text(train, "--env", t.env, "environment to evaluate in: " + env_help);
  whole(train, "--horizon", t.horizon, 1, 1'000'000'000, "steps of an evaluation episode (default: the environment's)");
  whole_or<std::int64_t>(train, "--steps", t.steps, 0, tera, "gradient steps on the log (default without one: 0)");
  online(train, t.online, false);
  whole_or<std::uint64_t>(train, "--seed", t.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                          "seed of everything random");
  const std::string seeds_help = ": a range such as 0:5, which is 0 to 4, or a list such as 0,3,7";
  text(train, "--seeds", t.seeds, "a run for each of several seeds, side by side" + seeds_help);
  train
      ->add_option("--grid", t.grid,
                   "a run for each of several values of a hyper-parameter, KEY=VALUE,VALUE,... (values that are lists "
                   "themselves with semicolons between: KEY=64,64;256,256); may be repeated, and combined with --seeds")
      ->take_all()
      ->allow_extra_args(false);
  text(train, "--out", t.out, "folder for the results (default: runs/ALGORITHM-DATA-seedN)");
  set(train, t.set, "a hyper-parameter, KEY=VALUE");
  whole_or<std::int64_t>(train, "--batch", t.batch, 1, 1'000'000, "transitions per step");
  whole_or<std::int64_t>(train, "--eval-every", t.eval_every, 1, tera, "steps between evaluations (and checkpoints)");
  whole_or<std::int64_t>(train, "--eval-episodes", t.eval_episodes, 1, 100'000'000, "episodes per evaluation");
  whole_or<std::int64_t>(train, "--report-every", t.report_every, 1, tera, "steps between lines of metrics.csv");
  threads(train, t.threads);
  device(train, t.device);
  product_precision(train, t.precision);
  whole_or<std::int64_t>(
      train, "--updates-per-launch", t.updates_per_launch, 0, 1024,
      "on a GPU: updates that are recorded as one graph, and repeated in one launch; 0: they are not "
      "recorded");
  text(train, "--model", t.model,
       "a dynamics model, its folder or file (default: the one in models/, trained if not there)");
  const std::string length_help = "rows after which the log was cut, where the file does not mark it";
  whole<std::int64_t>(train, "--episode-length", t.episode_length, 1, tera, length_help);
  train->add_flag("--published", t.published, "keep the recipe's own settings, whatever the data are like");
  text(train, "--action-low", t.action_low,
       "least action, A or A,B,... (default: the environment's, the file's, or the least seen)");
  text(train, "--action-high", t.action_high, "largest action, likewise");
  train->add_flag("--overwrite", t.overwrite, "replace the run that --out holds");
  text(train, "--resume", t.resume, "go on with the run in this folder");
  const std::string score_help = "returns that score 0 and 100: random=R,expert=E";
  text(train, "--score", t.score, score_help + " (default: the data set's own, or D4RL's for its environments)");
  whole<std::int64_t>(train, "--ope-every", t.follow.every, 1, tera,
                      "steps between estimates of the policy by logged data, by fitted Q evaluation");
  text(train, "--ope-dataset", t.follow.dataset, "the data for them, held out (default: those of --dataset)");
  whole_or<std::int64_t>(train, "--ope-updates", t.follow.updates, 1, tera,
                         "updates of fitted Q evaluation for each, from the networks of the one before; five times as "
                         "many for the first");
  whole<std::int64_t>(train, "--keep-every", t.keep_every, 1, tera,
                      "steps between checkpoints that stay, OUT/checkpoint-N.safetensors");
  train->add_flag("--keep-best", t.keep_best,
                  "keep the best checkpoint, OUT/best.safetensors: by the lower end of the estimate, or by the return");
  whole<std::int64_t>(
      train, "--patience", t.patience, 1, tera,
      "end after so many estimates (or evaluations) without a better one, and keep the best checkpoint");
  const std::string tensorboard_help = "write what metrics.csv holds as event files of TensorBoard, too";
  train->add_flag("--tensorboard", t.tensorboard, tensorboard_help);
  train->add_flag("--data-parallel", t.ranks.on,
                  "one of several processes that train one run together, each on its rows of every batch: started by "
                  "torchrun, mpirun or srun, or with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set for each");
  train->add_flag("--sharded", t.ranks.sharded,
                  "each of them draws from its own share of the data, so that a host reads no more of a store");
  number(train, "--rank-timeout", t.ranks.timeout, 0.1, 1e6,
         "seconds without a sign of life of another process after which this one ends");

  reading(train, t.reading);

  SweepCommand sw;
  auto* sweep = app.add_subcommand("sweep", "train with many settings: a grid, random ones, several seeds");
  auto* sweep_file = text(sweep, "file", sw.file, "the sweep, in TOML: flags of train, [set], [grid], [random]");
  text(sweep, "--out", sw.out, "folder for the results (default: the file's own, or runs/NAME)");
  text(sweep, "--join", sw.join, "take runs of the sweep in this folder, which another process has begun")
      ->excludes(sweep_file);
  text(sweep, "--launcher", sw.launcher, "start processes on this machine or others: srun, mpirun or parallel");
  sweep->add_option("--launcher-flag", sw.launcher_flags, "a flag of the launcher's own; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  whole(sweep, "--processes", sw.processes, 1, 100'000, "that the launcher starts (default: as it does by itself)");
  whole(sweep, "--threads", sw.threads, 1, 1024,
        "runs that a process does at a time (default: one for each of its cores; under a launcher: 1)");
  number(sweep, "--lost-after", sw.lost_after, 1, 86'400,
         "seconds after which the runs of a process that was not heard of are for others to take");
  sweep->add_flag("--overwrite", sw.overwrite, "replace the runs that the folder holds");

  TrainCommand f;
  auto* finetune = app.add_subcommand("finetune", "go on with a trained run online, in a folder of its own");
  text(finetune, "run", f.finetune, "folder of the run")->required();
  text(finetune, "--env", f.env, "environment to learn in (default: the run's): " + env_help);
  online(finetune, f.online, true);
  text(finetune, "--out", f.out, "folder for the results (default: the run's name and -online)");
  set(finetune, f.set, "a hyper-parameter, KEY=VALUE, from now on");
  whole_or<std::uint64_t>(finetune, "--seed", f.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                          "seed of the environment's initial states");
  text(finetune, "--seeds", f.seeds, "a run for each of several seeds, side by side" + seeds_help);
  whole_or<std::int64_t>(finetune, "--batch", f.batch, 1, 1'000'000, "transitions per update");
  whole_or<std::int64_t>(finetune, "--eval-every", f.eval_every, 1, tera, "steps between evaluations");
  whole_or<std::int64_t>(finetune, "--eval-episodes", f.eval_episodes, 1, 100'000'000, "episodes per evaluation");
  whole_or<std::int64_t>(finetune, "--report-every", f.report_every, 1, tera, "updates between lines of metrics.csv");
  text(finetune, "--dataset", f.dataset, "the run's data, where they lie elsewhere now");
  threads(finetune, f.threads);
  device(finetune, f.device);
  product_precision(finetune, f.precision);
  finetune->add_flag("--overwrite", f.overwrite, "replace the run that --out holds");
  text(finetune, "--score", f.score, score_help + " (default: the run's)");
  finetune->add_flag("--tensorboard", f.tensorboard, tensorboard_help + " (default: as the run does)");
  reading(finetune, f.reading);

  EvaluateCommand e;
  auto* evaluate = app.add_subcommand("evaluate", "run a trained policy in an environment");
  text(evaluate, "run", e.run, "folder of the run")->required();
  text(evaluate, "--env", e.env, "environment (default: the run's): " + env_help);
  whole_or<std::int64_t>(evaluate, "--episodes", e.episodes, 1, 100'000'000, "episodes");
  whole_or<std::uint64_t>(evaluate, "--seed", e.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                          "seed of the initial states");
  whole(evaluate, "--horizon", e.horizon, 1, 1'000'000'000, "steps of an episode (default: the run's)");
  text(evaluate, "--score", e.score, score_help + " (default: the run's)");
  threads(evaluate, e.threads);
  device(evaluate, e.device);
  reading(evaluate, e.reading);

  CollectCommand co;
  auto* collect = app.add_subcommand("collect", "write a trained policy's episodes as a data set");
  text(collect, "run", co.run, "folder of the run")->required();
  text(collect, "--env", co.env, "environment (default: the run's): " + env_help);
  text(collect, "--out", co.out, "the data set's file, HDF5 in D4RL's layout")->required();
  whole_or<std::int64_t>(collect, "--episodes", co.episodes, 1, 100'000'000, "episodes");
  collect
      ->add_option_function<std::string>(
          "--noise",
          [&co](const std::string& given) {
            const auto x = real_number(given);
            if (!x || !(*x >= 0 && *x <= 1e6))
              throw Error("--noise: '" + given + "' is not a number from 0 to 1000000, such as 0.1");
            co.noise = *x;
          },
          "standard deviation of normal noise on each number of a continuous action, in its own unit (default: 0)")
      ->type_name("SD");
  text(collect, "--mix", co.mix,
       "further runs that act in a share of the episodes, DIR:WEIGHT,DIR:WEIGHT; the first has weight 1");
  whole_or<std::uint64_t>(collect, "--seed", co.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                          "seed of the initial states and the noise");
  whole(collect, "--horizon", co.horizon, 1, 1'000'000'000, "steps of an episode (default: the run's)");
  threads(collect, co.threads);
  device(collect, co.device);
  collect->add_flag("--explore", co.explore,
                    "act as an online phase does: drawn from the policy, or with its exploration noise");
  collect->add_flag("--experience", co.experience,
                    "what the run's own online phase collected, from its first step to its checkpoint, and no new "
                    "episodes");
  collect->add_flag("--overwrite", co.overwrite, "replace the file that --out names");
  reading(collect, co.reading);

  RolloutCommand ro;
  auto* rollout = app.add_subcommand("rollout", "draw what a trained policy does");
  text(rollout, "run", ro.run, "folder of the run")->required();
  text(rollout, "--env", ro.env, "environment (default: the run's): " + env_help);
  text(rollout, "--plot", ro.plot, "the picture's file, .png or .svg; of --frames .png or .gif")->required();
  whole_or<std::int64_t>(rollout, "--episodes", ro.episodes, 1, 1'000, "episodes, a color each");
  whole<std::int64_t>(
      rollout, "--frames", ro.frames, 1, 1'000,
      "draw the first episode as its environment is seen (gym:NAME), in so many frames: a .png, or a .gif");
  whole_or<std::uint64_t>(rollout, "--seed", ro.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                          "seed of the initial states");
  whole(rollout, "--horizon", ro.horizon, 1, 1'000'000'000, "steps of an episode (default: the run's)");
  threads(rollout, ro.threads);
  device(rollout, ro.device);
  reading(rollout, ro.reading);

  ExportCommand ex;
  auto* exporting = app.add_subcommand("export", "write a trained policy as one function for other programs");
  text(exporting, "run", ex.run, "folder of the run")->required();
  text(exporting, "--to", ex.to,
       "safetensors (for <tessera/deploy/policy.hpp>), json, header (one C++17 header), torchscript or onnx")
      ->required();
  text(exporting, "--out", ex.out, "the file to write (default: policy.ENDING in the run's folder)");
  text(exporting, "--name", ex.name, "of the header's namespace (default: policy)");
  text(exporting, "--noise", ex.noise,
       "of a policy that draws: fixed, as the run's own first draw, or given by the caller (default: fixed)");
  exporting->add_flag("--weights-file", ex.weights_file, "keep the header's weights in a file beside it, OUT.weights");
  exporting->add_flag("--overwrite", ex.overwrite, "replace the file that is there");

  OpeCommand op;
  SelectCommand se;
  DataFlags ope_flags, select_flags;
  auto* judged = app.add_subcommand("ope", "judge trained policies by logged data, without an environment");
  detail::judging(judged, op, ope_flags, data_help);
  text(judged, "--estimators", op.estimators, "some of them, fqe,wis,... (default: all that can be had)");
  text(judged, "--plot", op.plot, "a picture of the estimates and their intervals, .png or .svg");
  auto* selecting = app.add_subcommand("select", "rank trained policies by logged data, and by a few episodes");
  detail::judging(selecting, se, select_flags, data_help);
  text(selecting, "--by", se.by, "the estimator whose interval's lower end ranks them: fqe, dr or wdr (default: fqe)");
  text(selecting, "--env", se.env, "environment to compare them in, too: " + env_help);
  whole<std::int64_t>(selecting, "--episodes", se.episodes, 1, 100'000'000, "of all runs in it together");
  whole(selecting, "--horizon", se.horizon, 1, 1'000'000'000, "steps of an episode (default: the run's)");

  std::vector<std::string> reported;
  std::string report_out;
  auto* report = app.add_subcommand("report", "write a page about one run or several: curves, settings, data, results");
  report->add_option("runs", reported, "folders of the runs")->required();
  text(report, "--out", report_out, "the page's file, .html")->required();

  auto* models = app.add_subcommand("model", "train a dynamics model, or see how far it is off");
  models->require_subcommand(1);
  ModelTrainCommand mt;
  auto* model_train = models->add_subcommand("train", "train a dynamics model from logged data");
  text(model_train, "--dataset", mt.dataset, data_help)->required();
  DataFlags model_train_flags, model_inspect_flags, inspect_flags, convert_flags, doctor_flags;
  data_flags(model_train, model_train_flags);
  text(model_train, "--env", mt.env, "environment that the data must fit: " + env_help);
  text(model_train, "--out", mt.out,
       "folder for the model (default: models/NAME-HASH, where `" + program_name() + " train` finds it)");
  if (dynamics_models().size() > 1)
    text(model_train, "--kind", mt.kind,
         "type of the model: " + dynamics_models_text() + " (default: " + mt.kind + ")");
  set(model_train, mt.set, "a setting, dynamics.KEY=VALUE");
  threads(model_train, mt.threads);
  device(model_train, mt.device);
  reading(model_train, mt.reading);
  model_train->add_flag("--overwrite", mt.overwrite, "replace the model that the folder holds");
  ModelInspectCommand mi;
  auto* model_inspect =
      models->add_subcommand("inspect", "how far a model is off on data that it was not trained on, one step and many");
  text(model_inspect, "model", mi.model, "folder of the model, or its file")->required();
  text(model_inspect, "--dataset", mi.dataset, "the data that it was trained on (default: as it was named then)");
  data_flags(model_inspect, model_inspect_flags);
  model_inspect->add_flag("--new-data", mi.new_data, "--dataset is other data, of which all is measured on");
  whole_or<std::int64_t>(model_inspect, "--horizon", mi.horizon, 1, 100'000, "steps in open loop");
  text(model_inspect, "--out", mi.out, "folder for open_loop.svg and open_loop.png (default: the model's)");
  threads(model_inspect, mi.threads);
  device(model_inspect, mi.device);
  reading(model_inspect, mi.reading);

  auto* algorithms = app.add_subcommand("algorithms", "list the algorithms and what they are composed of");
  std::string explained, explained_actions;
  std::vector<std::string> explained_set;
  auto* explain = app.add_subcommand("explain", "print an algorithm's slots, formulas, update order and parameters");
  text(explain, "algorithm", explained, "its name")->required();
  set(explain, explained_set, "a hyper-parameter, KEY=VALUE");
  const std::vector<std::string> spaces = {space_of(action_kind::continuous), space_of(action_kind::discrete)};
  text(explain, "--actions", explained_actions,
       "continuous or discrete, where the algorithm is for both (default: continuous)")
      ->check([&](const std::string& given) -> std::string {
        if (std::find(spaces.begin(), spaces.end(), given) != spaces.end()) return "";
        const auto near = nearest_name(given, spaces);
        throw Error("--actions: '" + given + "' is not one of continuous, discrete" +
                    (near.empty() ? "" : "; did you mean '" + near + "'?"));
      });
  std::string inspected;
  std::int64_t inspected_length = 0;
  Reading inspected_reading;
  auto* inspect = app.add_subcommand("inspect", "describe a data set");
  text(inspect, "dataset", inspected, data_help)->required();
  data_flags(inspect, inspect_flags);
  whole<std::int64_t>(inspect, "--episode-length", inspected_length, 1, tera, length_help);
  bool inspected_json = false;
  inspect->add_flag("--json", inspected_json, "one JSON object, with exact numbers, instead of text");
  reading(inspect, inspected_reading);

  ConvertCommand cv;
  auto* convert = app.add_subcommand("convert", "write a data set in another format");
  text(convert, "dataset", cv.dataset, data_help)->required();
  data_flags(convert, convert_flags);
  text(convert, "out", cv.out, "the file or folder to write")->required();
  text(convert, "--to", cv.to, "the format (default: by the ending of OUT): " + tessera::detail::writers_text());
  whole<std::int64_t>(convert, "--episode-length", cv.episode_length, 1, tera, length_help);
  std::string repairs_text;
  for (const auto& each : repairs()) repairs_text += (repairs_text.empty() ? "" : ", ") + std::string(each.name);
  convert->add_option("--repair", cv.repair, "correct what `doctor` finds, by name; may be repeated: " + repairs_text)
      ->take_all()
      ->allow_extra_args(false);
  text(convert, "--action-low", cv.action_low, "least action, A or A,B,... (default: the file's, or the least seen)");
  text(convert, "--action-high", cv.action_high, "largest action, likewise");
  convert->add_flag("--overwrite", cv.overwrite, "replace the data set that OUT names");
  convert->add_flag("--append", cv.append, "add the episodes to the store that OUT names, or begin it with them");
  reading(convert, cv.reading);

  DoctorCommand dc;
  auto* examined = app.add_subcommand("doctor", "find what is wrong with a data set: exit code 1 if anything is");
  text(examined, "dataset", dc.dataset, data_help)->required();
  data_flags(examined, doctor_flags);
  text(examined, "--against", dc.against, "a data set that must not share episodes with it, such as a validation set");
  examined->add_option("--only", dc.only, "names of checks, A or A,B,...")->take_all()->allow_extra_args(false);
  examined->add_flag("--json", dc.as_json, "print the report as JSON");
  text(examined, "--plot", dc.plot, "draw the data: a file, .png or .svg, or a folder for doctor.png");
  whole<std::int64_t>(examined, "--episode-length", dc.episode_length, 1, tera, length_help);
  text(examined, "--action-low", dc.action_low, "least action, A or A,B,... (default: the file's, or the least seen)");
  text(examined, "--action-high", dc.action_high, "largest action, likewise");
  reading(examined, dc.reading);

  require_words(app, {argv + 1, argv + argc});
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::RequiredError& error) {
    // Of which command: its own help lists what it needs.
    auto name = program_name();
    for (const CLI::App* at = &app; !at->get_subcommands().empty();)
      name += " " + (at = at->get_subcommands()[0])->get_name();
    throw Error(std::string(error.what()) + "; see `" + name + " --help`");
  }
  if (*sweep) {
    for (const auto* option : sweep->get_options())
      if (option->count() > 0 && !sw.join.empty())
        for (const char* alone : {"--out", "--launcher", "--launcher-flag", "--processes", "--overwrite"})
          if (option->get_name() == alone) throw Error(std::string(alone) + " cannot be given beside --join");
    if (sw.launcher.empty() && (sw.processes > 0 || !sw.launcher_flags.empty()))
      throw Error("--processes and --launcher-flag are of a --launcher; name one: srun, mpirun or parallel");
    if (!sw.launcher.empty()) require_launcher(sw.launcher);
    if (sw.file.empty() == sw.join.empty()) throw Error("sweep: give the file of a sweep, or --join FOLDER");
    // What its runs have in common is a command of `train`, which is parsed as one.
    std::vector<std::string> words{"train"};
    SweepFile file;
    if (!sw.join.empty()) file.flags = flags_of_sweep(sw.join);
    else file = read_sweep(sw.file);
    words.insert(words.end(), file.flags.begin(), file.flags.end());
    for (const auto& values : file.grid) words.push_back("--grid=" + values);
    const auto& from = sw.file.empty() ? sw.join : sw.file;
    try {
      require_words(app, words);
      std::reverse(words.begin(), words.end());
      app.parse(std::move(words));
    } catch (const CLI::Success&) {
      throw Error(from + ": asks for help");
    } catch (const CLI::ParseError& error) {
      throw Error(from + ": " + error.what());
    } catch (const Error& error) {
      throw Error(from + ": " + error.what());
    }
    for (const auto* option : train->get_options())
      if (option->count() > 0) t.given.push_back(option->get_name());
    t.dataset = with_flags(t.dataset, train_flags);
    t.draws = file.draws, t.threads = sw.threads, t.overwrite = sw.overwrite;
    if (sw.join.empty()) refuse_seeds(t);
    t.out = file.out;
    doing.what = "training";
    const auto runs = of_seeds(*train, t);
    return sw.join.empty() ? train_sweep(sw, runs, program) : join_sweep(sw, runs, program);
  }
  if (*train) {
    for (const auto* option : train->get_options())
      if (option->count() > 0) t.given.push_back(option->get_name());
    if (t.resume.empty()) t.dataset = with_flags(t.dataset, train_flags);
    // How a table is read: the held-out one like the other.
    if (const auto* reader = find_reader(t.follow.dataset).first;
        t.resume.empty() && !t.follow.dataset.empty() && (reader == nullptr || reader->of_file()))
      t.follow.dataset = with_flags(t.follow.dataset, train_flags);
    if (!t.resume.empty() ? holds_seeds(t.resume) : !t.seeds.empty() || !t.grid.empty()) {
      if (t.ranks.on)
        throw Error("--data-parallel is of one run, and --seeds and --grid are of several; leave one of them out");
      refuse_seeds(t);
      doing.what = "training";
      return train_seeds(of_seeds(*train, t), program);
    }
    refuse(t);
    doing.what = "training";
    // Of a connection that breaks libtorch would print its own account besides.
    if (t.ranks.on)
      for (const auto& [name, fatal] : {std::pair{"GLOG_minloglevel", "3"}, {"TORCH_CPP_LOG_LEVEL", "FATAL"}})
        setenv(name, fatal, 0);
    program.engine().train(t);
  }
  if (*finetune) {
    for (const auto* option : finetune->get_options())
      if (option->count() > 0) f.given.push_back(option->get_name());
    if (holds_grid(f.finetune)) throw Error(f.finetune + ": holds the runs of a grid; name one of them");
    if (f.seeds.empty() && holds_seeds(f.finetune)) f.seeds = seeds_in(f.finetune);
    if (!f.seeds.empty()) {
      refuse_seeds(f);
      doing.what = "training online";
      return train_seeds(of_seeds(*finetune, f), program);
    }
    refuse(f);
    doing.what = "training online";
    program.engine().train(f);
  }
  if (*evaluate) {
    refuse(e);
    doing.what = "evaluating";
    program.engine().evaluate(e);
  }
  if (*collect) {
    for (const auto* option : collect->get_options())
      if (option->count() > 0) co.given.push_back(option->get_name());
    refuse(co);
    doing.what = "collecting episodes";
    program.engine().collect(co);
  }
  if (*rollout) {
    refuse(ro);
    doing.what = "drawing episodes";
    program.engine().rollout(ro);
  }
  if (*exporting) {
    for (const auto* option : exporting->get_options())
      if (option->count() > 0) ex.given.push_back(option->get_name());
    refuse(ex);
    doing.what = "exporting the policy";
    program.engine().export_policy(ex);
  }
  const auto typed_in = [](const CLI::App& command, std::vector<std::string>& given) {
    for (const auto* option : command.get_options())
      if (option->count() > 0) given.push_back(option->get_name());
  };
  if (*judged) {
    typed_in(*judged, op.given);
    op.dataset = with_flags(op.dataset, ope_flags);
    op.runs = runs_in(op.runs);
    refuse(op);
    doing.what = "judging policies";
    program.engine().judge(op);
  }
  if (*selecting) {
    typed_in(*selecting, se.given);
    se.dataset = with_flags(se.dataset, select_flags);
    se.runs = runs_in(se.runs);
    refuse(se);
    doing.what = "ranking policies";
    program.engine().select(se);
  }
  if (*report) {
    doing.what = "writing a report";
    const auto charts = write_report(reported, report_out);
    say("report: {}, {} chart{}", report_out, charts, charts == 1 ? "" : "s");
  }
  if (*model_train) {
    mt.dataset = with_flags(mt.dataset, model_train_flags);
    refuse(mt);
    doing.what = "training a dynamics model";
    program.engine().train_model(mt);
  }
  if (*model_inspect) {
    mi.dataset = with_flags(mi.dataset, model_inspect_flags);
    refuse(mi);
    doing.what = "measuring a dynamics model";
    program.engine().inspect_model(mi);
  }
  if (*algorithms) list_algorithms();
  if (*explain) cli::explain(explained, explained_set, explained_actions);
  if (*examined) {
    require_limits(dc.action_low, dc.action_high);
    dc.dataset = with_flags(dc.dataset, doctor_flags);
    if (!dc.against.empty()) dc.against = with_flags(dc.against, doctor_flags);
    doing.what = "examining the data";
    return examine(dc);
  }
  if (*inspect) {
    doing.what = "reading the data";
    cli::inspect(with_flags(inspected, inspect_flags), inspected_length, inspected_reading, inspected_json);
  }
  if (*convert) {
    cv.dataset = with_flags(cv.dataset, convert_flags);
    refuse(cv);
    doing.what = "converting the data";
    cli::convert(cv);
  }
  return 0;
}
}  // namespace detail

TESSERA_CLI_INLINE int run(int argc, char** argv, const Program& program) {
  using detail::fail;
  detail::Doing doing;
  // Of other exceptions' messages the first line is shown, in parentheses, for debugging.
  const auto inside = [&](const std::string& about, std::string_view what) {
    return fail(about + " while " + doing.what + " (" + std::string(what.substr(0, what.find('\n'))) + ")", 1);
  };
  try {
    program_name() =
        !program.name.empty() || argc < 1 ? program.name : std::filesystem::path(argv[0]).filename().string();
    guard_streams();
    end_with_parent();
    require_registrations();
    require_distinct_readers();
    require_distinct_writers();
    require_distinct_checks();
    const int code = detail::run(argc, argv, program, doing);
    finish_output();
    return code;
  } catch (const CLI::ParseError& error) {
    return fail(std::string(error.what()) + "; see `" + program_name() + " --help`", 2);
  } catch (const Interrupted& stopped) {
    return fail(stopped.what(), stopped.code);
  } catch (const Diverged& error) {
    return fail(error.what(), 1);
  } catch (const RankFailure& error) {
    return fail(error.what(), 1);
  } catch (const Error& error) {
    return fail(error.what(), 2);
  } catch (const Failed& error) {
    return inside("a computation failed", error.what());
  } catch (const NoEngine& error) {
    return fail(error.what(), 1);
  } catch (const std::bad_alloc&) {
    return fail(std::string("out of memory while ") + doing.what + "; ask for less, or use a machine with more", 1);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(error.path1().string() + ": " + error.code().message() + " (while " + doing.what + ")", 1);
  } catch (const std::system_error& error) {  // a full disk behind standard output, or no threads left
    return fail(std::string("the system refused something while ") + doing.what + ": " + error.code().message(), 1);
  } catch (const std::exception& error) {
    if (std::ferror(stdout)) return fail("standard output: the result cannot be written; check where it leads to", 2);
    return inside("something went wrong inside tessera", error.what());
  }
}
}  // namespace tessera::cli
