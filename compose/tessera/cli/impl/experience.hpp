#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tessera/checkpoint.hpp>
#include <tessera/cli/commands.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/random.hpp>
#include <tessera/train/episodes.hpp>
#include <tessera/train/experience.hpp>

namespace tessera::cli::detail {
// What a run without a log begins with: so many steps of uniform actions.
inline Experience first_steps(const TrainCommand& c, const AnyTask& task) {
  if (!task.discrete && !task.has_finite_limits())
    throw Error(task.name +
                ": says no limits of its actions, between which the first steps could be drawn; give a log "
                "with --dataset");
  const TaskIn<Discrete> of_indices(task);
  const TaskIn<Continuous> of_numbers(task);
  const auto in = task.discrete ? tessera::detail::online_task(of_indices) : tessera::detail::online_task(of_numbers);
  Experience all(task.observation_size, task.action_size, task.discrete);
  Random random(c.seed, 77);  // of the actions and, where an episode begins, of its start
  tessera::detail::Episodes episodes(in, 1, c.horizon > 0 ? c.horizon : task.default_horizon,
                                     [&](auto...) { return random.next(); });
  std::vector<float> action(static_cast<std::size_t>(task.discrete ? 1 : task.action_size));
  while (all.size() < c.online.random_steps) {
    for (std::size_t j = 0; j < action.size(); ++j)
      action[j] = task.discrete ? float(random.below(std::uint64_t(task.action_size)))
                                : float(random.uniform(double(task.action_low[j]), double(task.action_high[j])));
    if (episodes.step(0, action.data(), all).ends != Experience::end::none) episodes.restart(0);
  }
  return all;
}

// Steps of the environment that a checkpoint was saved after, beside the first ones.
inline std::int64_t steps_online(const std::map<std::string, std::string>& text, const std::string& checkpoint) {
  const auto steps = text.find("online_steps");
  if (steps == text.end()) return 0;
  const auto count = whole_number<std::int64_t>(steps->second);
  if (!count || *count < 0) throw Error(checkpoint + ": its number of online steps is damaged; use another checkpoint");
  return *count;
}

// All that a run has done in its environment until its checkpoint.
inline Experience experience_of(const std::string& run, const RunConfig& config) {
  const auto checkpoint = RunFolder::checkpoint_of(run);
  const auto steps = steps_online(checkpoint_metadata(checkpoint), checkpoint);
  const bool from_nothing = config.command.dataset.empty();
  if (steps == 0 && !from_nothing)
    throw Error(run +
                ": has no online phase, so it has collected nothing; leave --experience out, and its policy acts");
  const auto online = [&] { return Experience::read(RunFolder::online_of(run), steps); };
  if (!from_nothing) return online();
  Experience all = first_steps(config.command, open_environment(config.command.env));
  if (const auto other = difference(run_data(all.dataset(run)), config.data); !other.empty())
    throw Error(run + ": its first steps cannot be made again in " + printable_name(config.command.env) + ": " + other +
                "; give the environment its earlier form again, or leave --experience out, and its policy acts");
  if (steps == 0) return all;
  // The first steps are those of a copy of their own.
  const auto rest = online();
  for (std::int64_t i = 0; i < rest.size(); ++i) all.add(rest.copy(i) + 1, rest[i]);
  return all;
}
}  // namespace tessera::cli::detail
