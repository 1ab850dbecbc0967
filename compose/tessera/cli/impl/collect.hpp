#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tessera/checkpoint.hpp>
#include <tessera/cli/agent.hpp>
#include <tessera/cli/algorithm_of.hpp>
#include <tessera/cli/catalog.hpp>
#include <tessera/cli/collect.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/impl/experience.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/cli/trajectories.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/io/d4rl.hpp>
#include <tessera/io/write_d4rl.hpp>
#include <tessera/nn/device.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/support/machine_memory.hpp>
#include <tessera/train/collect.hpp>

namespace tessera::cli {
namespace detail {
// What either command begins with: the task in which a run's policy is to act, and for how long.
struct Stage {
  RunConfig config;
  std::string env;
  AnyTask task;
  int horizon;
};
inline Stage stage_of(const std::string& run, const std::string& env, int horizon, std::int64_t episodes) {
  auto config = RunFolder::config_of(run);
  auto name = env.empty() ? config.command.env : env;
  if (name.empty()) throw Error(run + ": was trained without an environment; name one with --env");
  require_environment(name);
  auto task = open_environment(name, config.data.observation_size);
  say_warnings(task, horizon > 0 ? horizon : config.command.horizon);
  require_evaluable(task.observation_size, episodes);
  if (horizon == 0) horizon = config.command.horizon > 0 ? config.command.horizon : task.default_horizon;
  // What is kept of the steps, twice over where it is put together.
  const double row = 2.0 * double(task.observation_size) + (task.discrete ? 2.0 : double(task.action_size)) + 3;
  const double bytes = 2 * row * sizeof(float) * double(horizon) * double(episodes);
  if (const double most = double(machine_memory()) / 2; bytes > most)
    throw Error(
        fmt::format("{} episodes of up to {} steps take {:.0f} bytes, and half of this machine's memory are "
                    "{:.0f}; lower --episodes or --horizon",
                    episodes, horizon, bytes, most));
  return {std::move(config), std::move(name), std::move(task), horizon};
}
inline std::unique_ptr<Agent> agent_of(const std::string& run, const std::string& device) {
  const auto checkpoint = RunFolder::checkpoint_of(run);
  return algorithm_of(run, RunFolder::config_of(run)).load(checkpoint, nn::device(device), {});
}
// Of episodes their mean and population standard deviation, in a result.
inline void put_returns(json& out, const CollectedEpisodes& log, std::int64_t episodes) {
  Evaluation all;
  for (std::int64_t i = 0; i < episodes; ++i) all.returns.push_back(log.episode_return(std::size_t(i)));
  out["return_mean"] = all.mean(), out["return_std"] = all.std();
}
// What the run itself has done, as a data set.
inline void collect_experience(const CollectCommand& c) {
  const auto config = RunFolder::config_of(c.run);
  auto data = experience_of(c.run, config).dataset(c.run);
  data.task.environment = config.command.env;
  write_d4rl(c.out, data);
  const auto returns = summarize(data).episode_return;
  json out = {{"run", c.run},
              {"env", config.command.env},
              {"out", c.out},
              {"episodes", data.episodes.size()},
              {"transitions", data.size()},
              {"terminals", std::count(data.terminals.begin(), data.terminals.end(), 1)},
              {"timeouts", std::count(data.timeouts.begin(), data.timeouts.end(), 1)},
              {"return_mean", returns.mean},
              {"return_std", returns.std}};
  std::cout << line_of(out) << std::endl;
}
inline bool not_interrupted() { return !interrupted(); }
}  // namespace detail

TESSERA_CLI_INLINE void collect(const CollectCommand& c) {
  end_on_signals();
  read_environments(c.reading);
  if (c.experience) return detail::collect_experience(c);
  require_positive("--episodes", c.episodes);
  if (c.threads > 0) nn::set_threads(c.threads);
  const auto stage = detail::stage_of(c.run, c.env, c.horizon, c.episodes);
  CollectOptions o{
      .episodes = c.episodes,
      .seed = c.seed,
      .horizon = stage.horizon,
      .exploration = c.explore ? std::optional(stage.config.command.online.exploration_noise) : std::nullopt,
      .noise = c.noise,
      .keep_going = &detail::not_interrupted};
  if (c.noise > 0 && stage.task.discrete)
    throw Error("--noise: the actions of " + stage.env + " are discrete; leave it out");
  if (c.noise > 0 && stage.task.has_limits()) {
    o.action_low = stage.task.action_low, o.action_high = stage.task.action_high;
  } else if (const auto& seen = stage.config.action_limits; c.noise > 0 && seen.is_object()) {
    o.action_low = seen.at("low").get<std::vector<float>>(), o.action_high = seen.at("high").get<std::vector<float>>();
  }
  const auto runs = mixed_runs(c);
  const auto who = shared_out(runs, c.episodes);
  CollectedEpisodes log(stage.task.observation_size, stage.task.action_size, stage.task.discrete, o);
  json mixed = json::array();
  remember_signals();
  for (std::size_t k = 0; k < runs.size(); ++k) {
    const auto count = std::count(who.begin(), who.end(), k);
    mixed.push_back({{"run", runs[k].run}, {"weight", runs[k].weight}, {"episodes", count}});
    if (count == 0) {
      say("warning [no-share]: {} has a share of less than one of {} episodes", runs[k].run, c.episodes);
      continue;
    }
    const auto& about = RunFolder::config_of(runs[k].run).data;
    if (about.observation_size != stage.config.data.observation_size ||
        about.action_size != stage.config.data.action_size)
      throw Error(
          fmt::format("--mix: {} is of another task than {}: observations of size {}, not {}, and actions of size {}, "
                      "not {}; leave it out",
                      runs[k].run, c.run, about.observation_size, stage.config.data.observation_size, about.action_size,
                      stage.config.data.action_size));
    const auto agent = detail::agent_of(runs[k].run, c.device);
    const auto wanted = [&](std::size_t episode) { return who[episode] == k; };
    if (agent->evaluate(stage.env, log.options(wanted)).stopped)
      throw Interrupted("interrupted in the episodes of " + runs[k].run + "; nothing was written");
  }
  const auto rows = log.rows();
  write_d4rl(c.out, rows);
  json out = {{"run", c.run}, {"env", stage.env}, {"out", c.out}, {"episodes", c.episodes}};
  out["transitions"] = rows.rewards.size();
  out["terminals"] = std::count(rows.terminals.begin(), rows.terminals.end(), 1);
  out["timeouts"] = std::count(rows.timeouts.begin(), rows.timeouts.end(), 1);
  detail::put_returns(out, log, c.episodes);
  out["noise"] = c.noise, out["explore"] = c.explore, out["seed"] = c.seed;
  if (runs.size() > 1) out["mix"] = mixed;
  std::cout << line_of(out) << std::endl;
}

TESSERA_CLI_INLINE void rollout(const RolloutCommand& c) {
  end_on_signals();
  read_environments(c.reading);
  require_positive("--episodes", c.episodes);
  if (c.threads > 0) nn::set_threads(c.threads);
  const auto stage = detail::stage_of(c.run, c.env, c.horizon, c.episodes);
  const auto& task = stage.task;
  if (c.frames > 0 && !task.film)
    throw Error("--frames: " + stage.env +
                " cannot be seen; leave it out, and its numbers are drawn (an environment of Gymnasium can: --env "
                "gym:NAME)");
  CollectedEpisodes log(
      task.observation_size, task.action_size, task.discrete,
      {.episodes = c.episodes, .seed = c.seed, .horizon = stage.horizon, .keep_going = &detail::not_interrupted});
  const auto agent = detail::agent_of(c.run, c.device);
  remember_signals();
  if (agent->evaluate(stage.env, log.options()).stopped)
    throw Interrupted("interrupted in the episodes; nothing was drawn");
  const auto rows = log.rows();
  json out = {{"run", c.run}, {"env", stage.env}, {"episodes", c.episodes}};
  detail::put_returns(out, log, c.episodes);
  if (c.frames > 0) {
    std::size_t end = 1;  // one behind the first episode
    while (rows.terminals[end - 1] == 0 && rows.timeouts[end - 1] == 0) ++end;
    const auto shown = shown_steps(c.frames, std::int64_t(end));
    const auto numbers = task.discrete ? 0 : end * std::size_t(task.action_size);
    write_text(c.plot,
               task.film(c.seed, stage.horizon, std::span(rows.actions).first(numbers),
                         std::span(rows.action_indices).first(task.discrete ? end : 0), shown, film_format(c.plot)));
    out["frames"] = shown.size(), out["seed"] = c.seed, out["plot"] = c.plot;
    std::cout << line_of(out) << std::endl;
    return;
  }
  auto title = fmt::format("{} in {}, ", stage.config.command.algorithm, stage.env);
  if (task.floor_plan) {
    const auto count = reaching(*task.floor_plan, rows);
    out["reached"] = double(count) / double(c.episodes);
    title += fmt::format("{} of {} episodes reach the goal", count, c.episodes);
  } else {
    title += fmt::format("{} episodes, mean return {:.4g}", c.episodes, out["return_mean"].get<double>());
    if (std::size_t(task.observation_size) > most_observations_drawn)
      say("drawn are the first {} of an observation's {} numbers", most_observations_drawn, task.observation_size);
    if (!task.discrete && std::size_t(task.action_size) > most_actions_drawn)
      say("drawn are the first {} of an action's {} numbers", most_actions_drawn, task.action_size);
  }
  out["seed"] = c.seed, out["plot"] = c.plot;
  const auto picture = picture_of(task, rows);
  const auto [base, ending] = picture_name(c.plot);
  const auto wrong = undrawn(base, {ending}, picture.width, picture.height, title, picture.script);
  if (!wrong.empty()) throw Error(wrong);
  std::cout << line_of(out) << std::endl;
}
}  // namespace tessera::cli
