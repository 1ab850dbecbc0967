#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>

#include <tessera/checkpoint.hpp>
#include <tessera/data/cut_episodes.hpp>
#include <tessera/data/findings.hpp>
#include <tessera/data/load.hpp>
#include <tessera/data/statistics.hpp>
#include <tessera/nn/device.hpp>
#include <tessera/nn/threads.hpp>

#include "commands.hpp"
#include "environments.hpp"
#include "files.hpp"
#include "limits.hpp"
#include "interrupt.hpp"
#include "load.hpp"
#include "model_folder.hpp"
#include "progress.hpp"
#include "run_folder.hpp"

namespace tessera::cli {
namespace {
using clock = std::chrono::steady_clock;
double seconds_since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

// A folder for a run that was given none: runs/iql-pendulum_random-seed0, with a number if that is taken.
std::string default_folder(const TrainCommand& c) {
  const auto base = fmt::format("runs/{}-{}-seed{}", c.algorithm, label_of(c.dataset), c.seed);
  auto path = base;
  for (int i = 2; std::filesystem::exists(path); ++i) path = fmt::format("{}-{}", base, i);
  return path;
}

// What config.json says beside the command: the model and its buffer, if the run has them; the limits of actions; what was chosen.
struct Facts {
  json imagined{}, action_limits{}, chosen{};
};
Facts facts_of(const json& config) {
  return {config.value("imagined", json()), config.value("action_limits", json()), config.value("chosen", json())};
}

json to_config(const TrainCommand& c, const json& parameters, const Facts& facts) {
  json out = {{"algorithm", c.algorithm}, {"dataset", c.dataset}, {"env", c.env}, {"horizon", c.horizon}, {"steps", c.steps},
          {"seed", c.seed}, {"batch", c.batch}, {"eval_every", c.eval_every}, {"eval_episodes", c.eval_episodes},
          {"report_every", c.report_every}, {"parameters", parameters}};
  if (c.episode_length != 0) out["episode_length"] = c.episode_length;
  if (!facts.action_limits.is_null()) out["action_limits"] = facts.action_limits;
  if (!facts.chosen.is_null()) out["chosen"] = facts.chosen;
  if (!facts.imagined.is_null()) out["imagined"] = facts.imagined;
  return out;
}

// The command of the run that is resumed; flags that shape the run are its own.
TrainCommand from_config(const TrainCommand& given, bool steps_given, const RunFolder& folder) {
  const auto config = folder.read_config();
  TrainCommand c = given;
  try {
    c.algorithm = config.at("algorithm"), c.dataset = config.at("dataset"), c.env = config.at("env");
    c.horizon = config.at("horizon"), c.seed = config.at("seed"), c.batch = config.at("batch");
    c.eval_every = config.at("eval_every"), c.eval_episodes = config.at("eval_episodes"), c.report_every = config.at("report_every");
    c.episode_length = config.value("episode_length", std::int64_t{0});
    if (!steps_given) {
      c.steps = config.at("steps");
    } else if (const std::int64_t planned = config.at("steps"); planned != c.steps) {
      for (const auto& [key, value] : config.at("parameters").items())
        if (key.ends_with("cosine_steps") && value == std::to_string(of_the_run))
          fmt::print(stderr, "warning [other-length]: {} decays over the run, which was to be {} updates long and is now {}; a run of {} from the start would end elsewhere\n",
                     key.substr(0, key.rfind('.')), planned, c.steps, c.steps);
    }
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

// A buffer of imagined transitions that does not fit into memory would end the run long after it began.
json describe_buffer(const Imagination& i, const at::Device& device) {
  const double bytes = double(i.rows) * double(i.width) * sizeof(float);
  const double memory = double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGE_SIZE));
  if (device.is_cpu() && bytes > memory)
    throw Error(fmt::format("{} imagined transitions (data.keep * data.starts * data.horizon) take {:.1f} GB, and this machine has {:.1f}; "
                            "lower one of the three", i.rows, bytes / 1e9, memory / 1e9));
  fmt::print(stderr, "imagined transitions: at most {}, {:.1f} MB\n", i.rows, bytes / 1e6);
  return {{"rows", i.rows}, {"megabytes", bytes / 1e6}};
}

// What a fresh run begins with: a model's file, where the algorithm imagines in one; the settings of the agent; what config.json says.
struct Chosen {
  std::string model;
  Settings settings;
  Facts facts{};
};

// Settings that suit the data, said one by one; with --published they are said and not taken.
json suit_to(Dataset& data, const TrainCommand& c, const Algorithm& a, Settings& settings) {
  json out = json::array();
  const auto say = [&](const SuitedSetting& s) {
    if (c.published)
      fmt::print(stderr, "warning [published-settings]: {}={} would suit the data and is not set, for --published: {}\n", s.key, s.value, s.reason);
    else fmt::print(stderr, "chosen: {}={} ({})\n", s.key, s.value, s.reason);
    if (!c.published) out.push_back({{"key", s.key}, {"value", s.value}, {"reason", s.reason}});
  };
  auto untouched = data.action_low, above = data.action_high;
  for (const auto& s : suit_action_limits(data)) say(s);
  if (c.published) data.action_low = std::move(untouched), data.action_high = std::move(above);
  const auto suited = a.suit(data, settings, c.steps);
  for (const auto& s : suited.chosen) {
    say(s);
    if (!c.published) settings.emplace_back(s.key, s.value);
  }
  for (const auto& w : suited.advice) fmt::print(stderr, "warning [{}]: {}\n", w.name, w.message);
  return out;
}

Chosen choose(const TrainCommand& c, const Algorithm& a, Dataset& data, const at::Device& device) {
  Chosen out{{}, settings(c.set)};
  const auto imagination = a.imagination(data, out.settings);  // a misspelt setting is found before anything takes time
  if (!c.model.empty() && !imagination.model) {
    std::string all;
    for (const auto& [name, other] : catalogue())
      if (other.space == a.space && other.imagination(data, {}).model) all += (all.empty() ? "" : ", ") + name;
    throw Error("--model: " + a.name + " uses no dynamics model; leave it out" +
                (all.empty() ? "" : ", or take one of those that do: " + all));
  }
  if (imagination.rows > 0) out.facts.imagined = describe_buffer(imagination, device);
  out.facts.chosen = suit_to(data, c, a, out.settings);
  out.facts.action_limits = describe_limits(data);
  if (imagination.model) {
    const ModelRequest wanted{data, identity_of(data), *imagination.model, c.env, device};
    auto chosen = choose_model(wanted, c.model, out.settings, imagination.model_learns_on);
    out.facts.imagined["model"] = chosen.file;
    out.model = std::move(chosen.file), out.settings = std::move(chosen.settings);
  }
  return out;
}
}  // namespace

void train(TrainCommand c, bool steps_given) {
  const bool resumed = !c.resume.empty();
  const Reading reading = c.reading;
  read_environments(reading);
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
  auto data = load(c.dataset, reading);
  if (c.episode_length != 0) data = cut_episodes(std::move(data), c.episode_length);
  for (const auto& w : data.warnings) fmt::print(stderr, "warning [{}]: {}\n", w.name, w.message);
  require_space(a, data);
  // Before the environment's, which would refuse a glitch that the user's leave out; and after, so that the user's stay.
  if (!resumed) declare_limits(data, c.action_low, c.action_high);
  if (!c.env.empty()) fit_to_environment(data, c.env);
  if (!resumed) declare_limits(data, c.action_low, c.action_high);
  if (!resumed) {
    if (c.out.empty()) c.out = default_folder(c);
    RunFolder::require_free(c.out, c.overwrite);
  }
  const double behaviour = summarize(data).episode_return.mean;
  const auto odd = findings(data);
  if (!resumed)
    for (const auto& w : odd) fmt::print(stderr, "warning [{}]: {}\n", w.name, w.message);

  const auto with = resumed ? Chosen{{}, {}, facts_of(folder->read_config())} : choose(c, a, data, device);
  auto agent = resumed ? a.load(folder->checkpoint(), device) : a.make(data, with.settings, c.seed, device);
  if (!with.model.empty()) agent->load_model(with.model);
  if (agent->updates() > c.steps)
    throw Error(fmt::format("{}: has made {} updates already, more than --steps {}; ask for more steps", c.resume, agent->updates(), c.steps));
  Replay replay = agent->replay(data);
  if (resumed) {
    folder->read_metrics(agent->updates());
  } else {
    folder = RunFolder::create(c.out, c.overwrite);
  }
  folder->write_config(to_config(c, agent->parameters(), with.facts));

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
    return !interrupted();
  };
  try {
    agent->train(replay, o);
  } catch (const Diverged& e) {
    folder->write_metrics();
    // Numbers far beyond all others are a likelier reason than the learning rate.
    for (const auto& w : odd)
      if (w.name.starts_with("outlier-")) throw Diverged(fmt::format("{}; and the data hold outliers: {}", e.what(), w.message));
    throw;
  }
  const double spent = training();
  const auto done = agent->updates();
  progress.end();
  if (interrupted()) fmt::print(stderr, "interrupted at update {}; go on with: tessera train --resume {}\n", done, folder->path());
  if (c.env.empty()) save();
  else if (!interrupted() || !last) evaluate_now(done);
  else save();

  progress.end();

  const auto title = fmt::format("{} on {}", c.algorithm, short_name(data));
  if (!c.env.empty()) folder->draw_curve(title, behaviour);

  json result = {{"algorithm", c.algorithm}, {"dataset", c.dataset}, {"updates", done}, {"seconds", spent},
                 {"updates_per_second", spent > 0 ? double(done - from) / spent : 0.0}, {"return_mean", nullptr}, {"return_std", nullptr},
                 {"return_behaviour", behaviour}, {"episodes", 0}, {"seed", c.seed}, {"out", folder->path()}};
  if (last) result["return_mean"] = last->mean(), result["return_std"] = last->std(), result["episodes"] = c.eval_episodes;
  if (with.facts.imagined.contains("model")) result["model"] = with.facts.imagined["model"];
  if (last && last->exact_value) result["exact_value"] = *last->exact_value;
  std::cout << result.dump() << std::endl;
}

void evaluate(const EvaluateCommand& c) {
  read_environments(c.reading);
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
