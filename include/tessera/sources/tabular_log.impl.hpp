#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/sources/tabular_log.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::tabular {
TESSERA_INLINE std::int64_t Log::end(std::int64_t episode) const {
  return episode + 1 < episodes() ? first[static_cast<std::size_t>(episode) + 1]
                                  : static_cast<std::int64_t>(steps.size());
}
TESSERA_INLINE std::vector<std::int64_t> Log::starts() const {
  std::vector<std::int64_t> found;
  for (const auto i : first) found.push_back(steps[static_cast<std::size_t>(i)].state);
  return found;
}

TESSERA_INLINE Log log_episodes(const TabularTask& task, const Table& policy, std::int64_t episodes, int horizon,
                                std::uint64_t seed) {
  constexpr std::uint64_t action_streams = std::uint64_t{1} << 40;  // distinct from those of the environment
  require_policy(task.mdp(), policy);
  auto env = task.make(episodes, horizon, seed);
  const auto copies = static_cast<std::size_t>(episodes);
  std::vector<Random> noise;
  for (std::size_t i = 0; i < copies; ++i) noise.emplace_back(seed, action_streams + i);
  std::vector<std::vector<Step>> logged(copies);
  std::vector<std::int64_t> actions(copies);
  std::vector<float> rewards(copies);
  std::vector<std::uint8_t> ended(copies);
  for (std::size_t i = 0; i < copies; ++i)
    if (ended[i] = task.mdp().terminal(env.states()[i]); ended[i] != 0)
      throw Error(task.name() + ": an episode may begin in state " + std::to_string(env.states()[i]) +
                  ", where it is over; it has no steps to log");
  bool open = true;
  for (int t = 0; t < horizon && open; ++t) {
    const auto before = env.states();
    const auto over = ended;
    for (std::size_t i = 0; i < copies; ++i)
      actions[i] = over[i] != 0 ? 0 : drawn_from(policy.row(before[i]), noise[i].uniform());
    env.step(actions.data(), rewards.data(), ended.data());
    open = false;
    for (std::size_t i = 0; i < copies; ++i) {
      if (over[i] == 0)
        logged[i].push_back({before[i], actions[i], env.states()[i], double(rewards[i]), ended[i] != 0});
      open = open || ended[i] == 0;
    }
  }
  Log log;
  for (const auto& episode : logged) {
    log.first.push_back(static_cast<std::int64_t>(log.steps.size()));
    log.steps.insert(log.steps.end(), episode.begin(), episode.end());
  }
  return log;
}

TESSERA_INLINE Counted maximum_likelihood(const TabularTask& task, const Log& log) {
  return maximum_likelihood(task.mdp().states(), task.mdp().actions(), log.steps, log.starts(), task.mdp().discount());
}
TESSERA_INLINE Dataset to_dataset(const TabularTask& task, const Log& log, std::string name) {
  Dataset data;
  data.name = std::move(name);
  data.format = "tabular";
  data.kind = action_kind::discrete;
  data.observation_size = task.observation_size();
  data.action_size = task.action_size();
  data.observations = task.observations();
  for (const auto& step : log.steps) {
    data.observation_row.push_back(step.state);
    data.next_observation_row.push_back(step.next);
    data.action_indices.push_back(step.action);
    data.rewards.push_back(static_cast<float>(step.reward));
    data.terminals.push_back(step.ended);
    data.timeouts.push_back(0);
  }
  for (std::int64_t e = 0; e < log.episodes(); ++e) {
    const auto begin = log.first[static_cast<std::size_t>(e)], end = log.end(e);
    Episode episode{begin, end - begin, end - begin, 0, 0, true};
    double discount = 1;
    for (auto i = begin; i < end; ++i) {
      const auto reward = static_cast<double>(data.rewards[static_cast<std::size_t>(i)]);
      episode.episode_return += reward;
      episode.discounted_return += discount * reward;
      discount *= 0.99;
    }
    const auto last = static_cast<std::size_t>(end - 1);
    data.timeouts[last] = data.terminals[last] == 0;
    data.episodes.push_back(episode);
  }
  return data;
}
}  // namespace tessera::tabular
