// The command line tool: train, evaluate, model, algorithms, explain, inspect.
#include <torch/version.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <tessera/data/nearest_name.hpp>
#include <tessera/nn/gemm.hpp>
#include <tessera/train/train.hpp>

#include "commands.hpp"
#include "interrupt.hpp"

namespace {
int fail(const std::string& message, int code) {
  std::fprintf(stderr, "tessera: error: %s\n", message.substr(0, message.find('\n')).c_str());
  return code;
}

// A whole number in any notation: 1000, 1e3, 1000.0.  Where a sign has no meaning, a negative one would become a huge one.
CLI::Validator whole(bool sign) {
  return CLI::Validator(
      [sign](std::string& text) -> std::string {
        const std::string wanted = std::string("'") + text + "' is not a whole number" + (sign ? "" : " from 0 on") + ", such as 1000 or 1e3";
        const char *first = text.data(), *last = first + text.size();
        std::int64_t exact = 0;
        std::uint64_t large = 0;
        if (const auto read = std::from_chars(first, last, exact); read.ec == std::errc{} && read.ptr == last) return sign || exact >= 0 ? "" : wanted;
        if (const auto read = std::from_chars(first, last, large); !sign && read.ec == std::errc{} && read.ptr == last) return "";
        double x = 0;
        constexpr double most = 9007199254740992.0;  // beyond, not every whole number is a double
        const auto read = std::from_chars(first, last, x);
        if (read.ec != std::errc{} || read.ptr != last || x != std::floor(x) || std::abs(x) > most || (!sign && x < 0)) return wanted;
        text = std::to_string(std::int64_t(x));
        return "";
      },
      "");
}

// A first word that is no subcommand: the nearest one.
void require_subcommand(const CLI::App& app, int argc, char** argv, const std::string& before) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const auto* each : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(each->get_name());
  const std::string given = argv[1];
  if (std::find(names.begin(), names.end(), given) != names.end()) return;
  const auto near = tessera::nearest_name(given, names);
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  throw tessera::Error("unknown subcommand '" + before + given + "'" + (near.empty() ? "" : "; did you mean '" + before + near + "'?") + " (there are " + all + ")");
}
}  // namespace

int main(int argc, char** argv) {
  using namespace tessera;
  cli::guard_streams();
  CLI::App app{"Offline reinforcement learning from logged data"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("tessera ") + TESSERA_VERSION + ", libtorch " + TORCH_VERSION + ", GEMM " + nn::gemm_name());

  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);

  cli::TrainCommand t;
  auto* train = app.add_subcommand("train", "train a policy from logged data");
  train->add_option("--algorithm", t.algorithm, "its name, as `tessera algorithms` lists it");
  train->add_option("--dataset", t.dataset, "an HDF5 file (D4RL, d3rlpy), builtin:NAME, or icu-sepsis:PATH");
  train->add_option("--env", t.env, "environment to evaluate in: pendulum, cartpole, icu-sepsis:PATH");
  train->add_option("--horizon", t.horizon, "steps of an evaluation episode (default: the environment's)");
  train->add_option("--steps", t.steps, "gradient steps in all")->capture_default_str()->transform(whole(true));
  train->add_option("--seed", t.seed, "seed of everything random")->capture_default_str()->transform(whole(false));
  train->add_option("--out", t.out, "folder for the results (default: runs/ALGORITHM-DATA-seedN)");
  train->add_option("--set", t.set, "a hyper-parameter, KEY=VALUE; may be repeated")->take_all()->allow_extra_args(false);
  train->add_option("--batch", t.batch, "transitions per step")->capture_default_str()->transform(whole(true));
  train->add_option("--eval-every", t.eval_every, "steps between evaluations (and checkpoints)")->capture_default_str()->transform(whole(true));
  train->add_option("--eval-episodes", t.eval_episodes, "episodes per evaluation")->capture_default_str()->transform(whole(true));
  train->add_option("--report-every", t.report_every, "steps between lines of metrics.csv")->capture_default_str()->transform(whole(true));
  train->add_option("--threads", t.threads, "processor cores to use (default: all)")->check(CLI::Range(1, 1024));
  train->add_option("--device", t.device, "where it computes: cpu, cuda or cuda:INDEX")->capture_default_str();
  train->add_option("--model", t.model, "a dynamics model, its folder or file (default: the one in models/, trained if not there)");
  train->add_option("--episode-length", t.episode_length, "rows after which the log was cut, where the file does not mark it")->transform(whole(true));
  train->add_flag("--published", t.published, "keep the recipe's own settings, whatever the data are like");
  train->add_option("--action-low", t.action_low, "least action, A or A,B,... (default: the environment's, the file's, or the least seen)");
  train->add_option("--action-high", t.action_high, "largest action, likewise");
  train->add_flag("--overwrite", t.overwrite, "replace the run that --out holds");
  train->add_option("--resume", t.resume, "go on with the run in this folder");

  cli::EvaluateCommand e;
  auto* evaluate = app.add_subcommand("evaluate", "run a trained policy in an environment");
  evaluate->add_option("run", e.run, "folder of the run")->required();
  evaluate->add_option("--env", e.env, "environment (default: the run's)");
  evaluate->add_option("--episodes", e.episodes, "episodes")->capture_default_str()->transform(whole(true));
  evaluate->add_option("--seed", e.seed, "seed of the initial states")->capture_default_str()->transform(whole(false));
  evaluate->add_option("--horizon", e.horizon, "steps of an episode (default: the run's)");
  evaluate->add_option("--threads", e.threads, "processor cores to use (default: all)")->check(CLI::Range(1, 1024));
  evaluate->add_option("--device", e.device, "where the policy computes: cpu, cuda or cuda:INDEX")->capture_default_str();

  auto* models = app.add_subcommand("model", "train a dynamics model, or see how far it is off");
  models->require_subcommand(1);
  cli::ModelTrainCommand mt;
  auto* model_train = models->add_subcommand("train", "train a dynamics model from logged data");
  model_train->add_option("--dataset", mt.dataset, "an HDF5 file (D4RL, d3rlpy), builtin:NAME, or icu-sepsis:PATH")->required();
  model_train->add_option("--env", mt.env, "environment that the data must fit: pendulum, cartpole, icu-sepsis:PATH");
  model_train->add_option("--out", mt.out, "folder for the model (default: models/NAME-HASH, where `tessera train` finds it)");
  model_train->add_option("--set", mt.set, "a setting, dynamics.KEY=VALUE; may be repeated")->take_all()->allow_extra_args(false);
  model_train->add_option("--threads", mt.threads, "processor cores to use (default: all)")->check(CLI::Range(1, 1024));
  model_train->add_option("--device", mt.device, "where it computes: cpu, cuda or cuda:INDEX")->capture_default_str();
  model_train->add_flag("--overwrite", mt.overwrite, "replace the model that the folder holds");
  cli::ModelInspectCommand mi;
  auto* model_inspect = models->add_subcommand("inspect", "how far a model is off on data that it was not trained on, one step and many");
  model_inspect->add_option("model", mi.model, "folder of the model, or its file")->required();
  model_inspect->add_option("--dataset", mi.dataset, "the data that it was trained on (default: as it was named then)");
  model_inspect->add_flag("--new-data", mi.new_data, "--dataset is other data, of which all is measured on");
  model_inspect->add_option("--horizon", mi.horizon, "steps in open loop")->capture_default_str();
  model_inspect->add_option("--out", mi.out, "folder for open_loop.svg and open_loop.png (default: the model's)");
  model_inspect->add_option("--threads", mi.threads, "processor cores to use (default: all)")->check(CLI::Range(1, 1024));
  model_inspect->add_option("--device", mi.device, "where it computes: cpu, cuda or cuda:INDEX")->capture_default_str();

  auto* algorithms = app.add_subcommand("algorithms", "list the algorithms and what they are composed of");
  std::string explained;
  std::vector<std::string> explained_set;
  auto* explain = app.add_subcommand("explain", "print an algorithm's slots, formulas, update order and parameters");
  explain->add_option("algorithm", explained, "its name")->required();
  explain->add_option("--set", explained_set, "a hyper-parameter, KEY=VALUE; may be repeated")->take_all()->allow_extra_args(false);
  std::string inspected;
  std::int64_t inspected_length = 0;
  auto* inspect = app.add_subcommand("inspect", "describe a data set");
  inspect->add_option("dataset", inspected, "an HDF5 file, builtin:NAME, or icu-sepsis:PATH")->required();
  inspect->add_option("--episode-length", inspected_length, "rows after which the log was cut, where the file does not mark it")->transform(whole(true));

  try {
    require_subcommand(app, argc, argv, "");
    if (argc > 1 && std::string(argv[1]) == "model") require_subcommand(*models, argc - 1, argv + 1, "model ");
    app.parse(argc, argv);
    if (*train) {
      if (t.resume.empty() && (t.algorithm.empty() || t.dataset.empty()))
        throw Error("train needs --algorithm and --dataset (or --resume); see `tessera train --help`");
      for (const auto* option : train->get_options())
        if (option->count() > 0) t.given.push_back(option->get_name());
      cli::train(t);
    }
    if (*evaluate) cli::evaluate(e);
    if (*model_train) cli::train_model(mt);
    if (*model_inspect) cli::inspect_model(mi);
    if (*algorithms) cli::list_algorithms();
    if (*explain) cli::explain(explained, explained_set);
    if (*inspect) cli::inspect(inspected, inspected_length);
    cli::finish_output();
    return 0;
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return fail(std::string(error.what()) + "; see `tessera --help`", 2);
  } catch (const cli::Interrupted& stopped) {
    return fail(stopped.what(), stopped.code);
  } catch (const Diverged& error) {
    return fail(error.what(), 1);
  } catch (const Error& error) {
    return fail(error.what(), 2);
  } catch (const c10::Error& error) {
    return fail("libtorch: " + error.msg(), 1);
  } catch (const std::exception& error) {
    return fail(error.what(), 1);
  }
}
