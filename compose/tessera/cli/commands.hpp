#pragma once
// The commands that need libtorch, as they were typed.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// How to read files from somebody else.
struct Reading {
  bool untrusted = false;  ///< in a separate process, with limits on time and memory
  double memory_limit =
      0;  ///< GB that one file may take in memory; 0: a hundred times its size, at most half of the machine's memory
};
/// The online phase of a run: it begins where the updates on the log are done.
struct OnlineCommand {
  std::int64_t steps = 0;  ///< of the environment; 0: there is none
  double updates_per_step = 1;
  std::int64_t random_steps = 0, environments = 1, replay = 1'000'000;
  double exploration_noise = 0.1;
};
/// The estimate of the policy by logged data, during a training.
struct FollowCommand {
  std::int64_t every = 0;  ///< updates; 0: it is not followed
  std::int64_t updates = 2'000;
  std::string dataset;  ///< "": the data that it learns from
};
/// Several processes that train one run together.
struct RanksCommand {
  bool on = false;
  bool sharded = false;  ///< each draws from its own share of the data
  double timeout = 60;   ///< seconds without a sign of life
};
struct TrainCommand {
  std::string algorithm, dataset, env, out, resume, model, device = "cpu";
  std::string precision = "float";      ///< of the updates' matrix products: "float" or "bf16"
  std::int64_t updates_per_launch = 1;  ///< on a GPU, where they are recorded; 0: they are made one by one
  std::int64_t steps = 10'000, batch = 256, eval_every = 1'000, eval_episodes = 100, report_every = 100;
  std::uint64_t seed = 0;
  int horizon = 0, threads = 0;
  bool overwrite = false, published = false, tensorboard = false;
  std::vector<std::string> set;
  std::int64_t episode_length = 0;      ///< 0: as marked in the file
  std::string action_low, action_high;  ///< "A" for all dimensions, or "A,B,..." one for each
  OnlineCommand online;
  FollowCommand follow;
  std::int64_t keep_every = 0;  ///< updates between checkpoints that stay; 0: none does
  std::int64_t patience = 0;    ///< estimates, or evaluations, without a better one that end a training; 0: none do
  bool keep_best = false;       ///< the best checkpoint by them stays; with a patience in any case
  std::string finetune;         ///< the folder of the run that this one goes on from, online
  std::string seeds;            ///< "0:5" or "0,3,7": a run of each; "": one run, of `seed`
  /// "actor.beta=1,3,10": a run of each value, with each of another such list, and of each seed; values with commas
  /// themselves with semicolons between.  Empty: one setting.
  std::vector<std::string> grid;
  /// Of a sweep: settings that were drawn, KEY=VALUE; each with every combination of `grid`.
  std::vector<std::vector<std::string>> draws;
  std::string score;  ///< "random=R,expert=E"; "": what the data or D4RL's table say
  RanksCommand ranks;
  Reading reading;
  std::vector<std::string> given;  ///< the flags that were typed: "--steps"

  bool has(const std::string& flag) const { return std::find(given.begin(), given.end(), flag) != given.end(); }
};
struct EvaluateCommand {
  std::string run, env, score, device = "cpu";
  std::int64_t episodes = 100;
  std::uint64_t seed = 0;
  int horizon = 0, threads = 0;
  Reading reading;
};
struct ModelTrainCommand {
  std::string kind = "gaussian-ensemble", dataset, env, out, device = "cpu";
  int threads = 0;
  bool overwrite = false;
  std::vector<std::string> set;
  Reading reading;
};
struct ModelInspectCommand {
  std::string model, dataset, out, device = "cpu";
  std::int64_t horizon = 20;
  int threads = 0;
  bool new_data = false;
  Reading reading;
};

/// Throws Error for flags that cannot be honored beside --resume.
void require_resumable(const TrainCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/commands.hpp>
#endif
