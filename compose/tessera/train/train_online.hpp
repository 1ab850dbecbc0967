#pragma once
#include <cstdint>
#include <functional>
#include <type_traits>

#include <tessera/concepts/environment.hpp>
#include <tessera/train/episodes.hpp>
#include <tessera/train/experience.hpp>
#include <tessera/train/train.hpp>

namespace tessera {
struct OnlineOptions {
  std::int64_t steps = 10'000;        ///< environment steps in all, those that `experience` holds among them
  std::int64_t environments = 1;      ///< copies of the task that are stepped together
  double updates_per_step = 1;        ///< the update-to-data ratio (RLPD, REDQ: 20)
  std::int64_t random_steps = 0;      ///< first steps whose actions are uniform (online from nothing: 5000)
  std::int64_t updates_after = 0;     ///< no update before so many steps; 0: after the random ones
  double exploration_noise = 0.1;     ///< of policies that are not drawn from: see learner::explore
  std::int64_t capacity = 1'000'000;  ///< transitions kept of those collected; older ones make room
  int horizon = 0;                    ///< steps of an episode; 0: the task's own
  std::uint64_t seed = 0;             ///< of the initial states
  TrainOptions training{};            ///< batch, reports and what is called after an update; its `updates` is not read
  /// Called where the online phase begins or goes on, before its first step, and after every step (of all copies, and
  /// of the updates that go with it), with the number of steps; false stops.
  std::function<bool(std::int64_t)> after_step{};
  /// Called at the end of an episode, with its undiscounted return in the task's own rewards.
  std::function<void(std::int64_t steps, double episode_return)> after_episode{};
};

namespace detail {
/// An agent whose type is forgotten, so that the loop is compiled once.
struct OnlineAgent {
  std::int64_t observation_size, action_size;
  at::Device device;
  const nn::Units& units;
  std::function<at::Tensor(const at::Tensor&, std::int64_t key, double noise)> explore;
  std::function<void(std::int64_t copy)> begin_episode;  // in that row of what is explored
  std::function<void()> start, data_changed;
  std::function<bool()> update;
  std::function<void()> report_rest;
};
void train_online(const OnlineAgent& agent, Replay& replay, const OnlineTask& task, Experience& experience,
                  const OnlineOptions& o);
}  // namespace detail

/// Goes on with an agent online: steps a task with the agent's exploration, adds what it sees to the replay, and makes
/// `updates_per_step` updates a step.  Networks, optimizers, targets and multipliers are the agent's as they are.
/// `experience` is what earlier calls have collected, and gets what this one does: with the same agent and the same
/// experience it goes on as if it had not stopped, since the tasks are brought back to where they were by the actions
/// that were taken.
/// A transition is learned from at once; an episode at a time, where a part reads what is only known at its end.
/// Step sizes that decay over a run on the log (AdamOptions::cosine_steps) do not decay here.  Time limits are no ends:
/// values are bootstrapped across them.
template <class Agent, Task T>
void train_online(Agent& agent, Replay& replay, const T& task, Experience& experience, const OnlineOptions& o) {
  static_assert(std::is_same_v<typename T::space, typename Agent::space>,
                "the agent and the environment have different action spaces");
  detail::Updates update(agent, replay, o.training);
  const auto before = agent.updates();
  agent.plan(0);  // what decays over a run on the log does not decay further online, nor is it at its end
  const detail::OnlineAgent any{
      .observation_size = agent.problem().observation_size,
      .action_size = agent.problem().action_size,
      .device = agent.problem().device,
      .units = agent.units(),
      .explore = [&](const at::Tensor& x, std::int64_t key, double noise) { return agent.explore(x, key, noise); },
      .begin_episode =
          [&]([[maybe_unused]] std::int64_t copy) {
            if constexpr (requires { agent.begin_episode(copy); }) agent.begin_episode(copy);
          },
      .start = [&] { agent.start(replay); },
      .data_changed = [&] { agent.data_changed(); },
      .update = [&] { return update(); },
      .report_rest =
          [&] {
            if (agent.updates() > before) update.report(true);
          }};
  detail::train_online(any, replay, detail::online_task(task), experience, o);
}

/// The same from an empty experience:  `train_online<Pendulum>(agent, data, {.steps = 5000})` fine-tunes an agent, with
/// the data that it was trained from.
template <Environment E, class Agent>
Experience train_online(Agent& agent, const Dataset& data, const OnlineOptions& o = {}) {
  auto replay = replay_for(agent, data, agent.transitions(data));
  Experience experience(E::observation_size, E::action_size, std::is_same_v<typename E::space, Discrete>);
  train_online(agent, replay, TaskOf<E>{}, experience, o);
  return experience;
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/train_online.impl.hpp>
#endif
