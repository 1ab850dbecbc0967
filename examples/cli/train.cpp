#include <fmt/format.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>

#include <tessera/checkpoint.hpp>
#include <tessera/data/load.hpp>
#include <tessera/data/statistics.hpp>
#include <tessera/nn/device.hpp>
#include <tessera/nn/threads.hpp>

#include "commands.hpp"
#include "environments.hpp"
#include "progress.hpp"
#include "run_folder.hpp"

namespace tessera::cli {
namespace {
std::atomic<bool> interrupted = false;
extern "C" void on_interrupt(int) { interrupted = true; }

// On a stack of its own: oneDNN's matrix product (2.6, AVX-512) keeps its stack pointer in a buffer on the heap, where a
// handler's frame would overwrite what lies below.
void handle_interrupts() {
  static char memory[64 * 1024];
  stack_t stack{};
  stack.ss_sp = memory;
  stack.ss_size = sizeof memory;
  sigaltstack(&stack, nullptr);
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

using clock = std::chrono::steady_clock;
double seconds_since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

// A folder for a run that was given none: runs/iql-pendulum_random-seed0, with a number if that is taken.
std::string default_folder(const TrainCommand& c) {
  auto data = c.dataset.starts_with("builtin:")      ? c.dataset.substr(8)
              : c.dataset.starts_with("icu-sepsis:") ? "icu-sepsis"
                                                     : std::filesystem::path(c.dataset).stem().string();
  for (char& x : data)
    if (x == '?' || x == '=' || x == '/') x = '-';
  const auto base = fmt::format("runs/{}-{}-seed{}", c.algorithm, data, c.seed);
  auto path = base;
  for (int i = 2; std::filesystem::exists(path); ++i) path = fmt::format("{}-{}", base, i);
  return path;
}

// What a curve's title says of the data: no folders, no options.
std::string short_name(const Dataset& data) {
  if (data.format == "tabular") return data.name.substr(0, data.name.find(':'));
  return data.name.starts_with("builtin:") ? data.name : std::filesystem::path(data.name).filename().string();
}

void require_positive(const char* flag, std::int64_t value) {
  if (value < 1) throw Error(fmt::format("{} must be at least 1, not {}", flag, value));
}

json to_config(const TrainCommand& c, const json& parameters) {
  return {{"algorithm", c.algorithm}, {"dataset", c.dataset}, {"env", c.env}, {"horizon", c.horizon}, {"steps", c.steps},
          {"seed", c.seed}, {"batch", c.batch}, {"eval_every", c.eval_every}, {"eval_episodes", c.eval_episodes},
          {"report_every", c.report_every}, {"parameters", parameters}};
}

// The command of the run that is resumed; flags that shape the run are its own.
TrainCommand from_config(const TrainCommand& given, bool steps_given, const RunFolder& folder) {
  const auto config = folder.read_config();
  TrainCommand c = given;
  try {
    c.algorithm = config.at("algorithm"), c.dataset = config.at("dataset"), c.env = config.at("env");
    c.horizon = config.at("horizon"), c.seed = config.at("seed"), c.batch = config.at("batch");
    c.eval_every = config.at("eval_every"), c.eval_episodes = config.at("eval_episodes"), c.report_every = config.at("report_every");
    if (!steps_given) c.steps = config.at("steps");
  } catch (const json::exception& e) {
    throw Error(folder.file("config.json") + ": a setting is missing or of another type (" + e.what() + "); restore it, or start a new run");
  }
  return c;
}

void require_space(const Algorithm& a, const Dataset& data) {
  const std::string space = data.kind == action_kind::discrete ? "discrete" : "continuous";
  if (a.space == space) return;
  const auto other = space == "discrete" ? "discrete-" + a.name : a.name.substr(a.name.find('-') + 1);
  const auto hint = catalogue().contains(other) ? "use --algorithm " + other : "`tessera algorithms` lists those for them";
  throw Error(fmt::format("{}: its actions are {}, but {} is for {} ones; {}", data.name, space, a.name, a.space, hint));
}
}  // namespace

void train(TrainCommand c, bool steps_given) {
  const bool resumed = !c.resume.empty();
  std::optional<RunFolder> folder;
  if (resumed) {
    folder = RunFolder::open(c.resume);
    c = from_config(c, steps_given, *folder);
  }
  for (auto [flag, value] : {std::pair{"--steps", c.steps}, {"--batch", c.batch}, {"--eval-every", c.eval_every},
                             {"--eval-episodes", c.eval_episodes}, {"--report-every", c.report_every}})
    require_positive(flag, value);
  if (c.batch > 1'000'000) throw Error(fmt::format("--batch must be at most 1000000, not {}", c.batch));
  if (c.threads > 0) nn::set_threads(c.threads);
  const auto device = nn::device(c.device);

  const Algorithm& a = algorithm(c.algorithm);
  if (!c.env.empty()) require_environment(c.env);
  auto data = load_dataset(c.dataset);
  for (const auto& w : data.warnings) fmt::print(stderr, "warning [{}]: {}\n", w.name, w.message);
  require_space(a, data);
  if (!c.env.empty()) fit_to_environment(data, c.env);
  const double behaviour = summarize(data).episode_return.mean;

  auto agent = resumed ? a.load(folder->checkpoint(), device) : a.make(data, settings(c.set), c.seed, device);
  if (agent->updates() > c.steps)
    throw Error(fmt::format("{}: has made {} updates already, more than --steps {}; ask for more steps", c.resume, agent->updates(), c.steps));
  Replay replay = agent->replay(data);
  if (resumed) {
    folder->read_metrics(agent->updates());
  } else {
    if (c.out.empty()) c.out = default_folder(c);
    folder = RunFolder::create(c.out, c.overwrite);
  }
  folder->write_config(to_config(c, agent->parameters()));

  handle_interrupts();
  const auto from = agent->updates();
  const auto start = clock::now();
  const double earlier = folder->rows().empty() ? 0 : folder->rows().back().seconds;
  double evaluating = 0;
  auto training = [&] { return seconds_since(start) - evaluating; };
  std::optional<Evaluation> last;
  Progress progress(from, c.steps);

  auto save = [&] {
    agent->save(folder->checkpoint());
    folder->write_metrics();
  };
  auto evaluate_now = [&](std::int64_t updates) {
    const auto began = clock::now();
    last = agent->evaluate(c.env, {.episodes = c.eval_episodes, .seed = c.seed, .horizon = c.horizon});
    if (folder->rows().empty() || folder->rows().back().updates != updates) folder->add({updates, earlier + training(), {}});
    folder->rows().back().return_mean = last->mean();
    folder->rows().back().return_std = last->std();
    save();
    evaluating += seconds_since(began);
    progress.show(updates, training(), "", last->mean());
  };

  TrainOptions o{.updates = c.steps, .batch = c.batch, .report_every = c.report_every};
  o.report = [&](const Report& r) {
    folder->add({r.updates, earlier + training(), r.metrics});
    std::string text;
    for (const auto& [name, x] : r.metrics) text += fmt::format("  {} {:.4g}", name, x);
    progress.show(r.updates, training(), text, std::nullopt);
  };
  o.after_update = [&](std::int64_t updates) {
    if (!c.env.empty() && updates % c.eval_every == 0 && updates < c.steps) evaluate_now(updates);
    else if (c.env.empty() && updates % c.eval_every == 0) save();
    return !interrupted.load();
  };
  try {
    agent->train(replay, o);
  } catch (const Diverged&) {
    folder->write_metrics();
    throw;
  }
  const double spent = training();
  const auto done = agent->updates();
  progress.end();
  if (interrupted) fmt::print(stderr, "interrupted at update {}; go on with: tessera train --resume {}\n", done, folder->path());
  if (c.env.empty()) save();
  else if (!interrupted || !last) evaluate_now(done);
  else save();

  progress.end();

  const auto title = fmt::format("{} on {}", c.algorithm, short_name(data));
  if (!c.env.empty() && !folder->draw_curve(title, behaviour))
    fmt::print(stderr, "warning [no-gnuplot]: no curve was drawn; install gnuplot\n");

  json result = {{"algorithm", c.algorithm}, {"dataset", c.dataset}, {"updates", done}, {"seconds", spent},
                 {"updates_per_second", spent > 0 ? double(done - from) / spent : 0.0}, {"return_mean", nullptr}, {"return_std", nullptr},
                 {"return_behaviour", behaviour}, {"episodes", 0}, {"seed", c.seed}, {"out", folder->path()}};
  if (last) result["return_mean"] = last->mean(), result["return_std"] = last->std(), result["episodes"] = c.eval_episodes;
  if (last && last->exact_value) result["exact_value"] = *last->exact_value;
  std::cout << result.dump() << std::endl;
}

void evaluate(const EvaluateCommand& c) {
  require_positive("--episodes", c.episodes);
  if (c.threads > 0) nn::set_threads(c.threads);
  const auto folder = RunFolder::open(c.run);
  const auto env = c.env.empty() ? folder.read_config().value("env", std::string()) : c.env;
  if (env.empty()) throw Error(c.run + ": was trained without an environment; name one with --env");
  require_environment(env);
  const int horizon = c.horizon > 0 ? c.horizon : folder.read_config().value("horizon", 0);
  auto agent = algorithm(tessera::checkpoint_algorithm(folder.checkpoint())).load(folder.checkpoint(), nn::device(c.device));
  const auto result = agent->evaluate(env, {.episodes = c.episodes, .seed = c.seed, .horizon = horizon});
  json out = {{"run", c.run}, {"env", env}, {"updates", agent->updates()}, {"episodes", c.episodes}, {"return_mean", result.mean()},
              {"return_std", result.std()}, {"seed", c.seed}};
  if (result.exact_value) out["exact_value"] = *result.exact_value;
  std::cout << out.dump() << std::endl;
}
}  // namespace tessera::cli
