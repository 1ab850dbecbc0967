#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/support/error.hpp>
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
/// One copy of a task, whose type is forgotten: an action is d numbers, or one that is an index.
class OnlineCopy {
 public:
  virtual ~OnlineCopy() = default;
  virtual const float* observation() const = 0;
  virtual void step(const float* action, float* reward, std::uint8_t* terminated) = 0;
  virtual void reset(std::uint64_t seed) = 0;
};
template <Simulation S>
class OnlineCopyOf final : public OnlineCopy {
 public:
  OnlineCopyOf(S copy, std::int64_t numbers) : copy_(std::move(copy)), action_(static_cast<std::size_t>(numbers)) {}
  const float* observation() const override { return copy_.observations(); }
  void step(const float* action, float* reward, std::uint8_t* terminated) override {
    for (std::size_t j = 0; j < action_.size(); ++j) action_[j] = static_cast<typename S::action_type>(action[j]);
    copy_.step(action_.data(), reward, terminated);
  }
  void reset(std::uint64_t seed) override { copy_.reset(seed); }

 private:
  S copy_;
  std::vector<typename S::action_type> action_;
};

/// A task and an agent whose types are forgotten, so that the loop is compiled once.
struct OnlineTask {
  std::string name;
  std::int64_t observation_size, action_size;
  bool discrete;
  int default_horizon;
  std::function<std::unique_ptr<OnlineCopy>(int horizon, std::uint64_t seed)> make;
};
struct OnlineAgent {
  std::int64_t observation_size, action_size;
  at::Device device;
  const nn::Units& units;
  std::function<at::Tensor(const at::Tensor&, std::int64_t key, double noise)> explore;
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
/// Step sizes that decay over the run (AdamOptions::cosine_steps) are whole here.  Time limits are no ends: values are
/// bootstrapped across them.
template <class Agent, Task T>
void train_online(Agent& agent, Replay& replay, const T& task, Experience& experience, const OnlineOptions& o) {
  static_assert(std::is_same_v<typename T::space, typename Agent::space>,
                "the agent and the environment have different action spaces");
  constexpr bool discrete = std::is_same_v<typename T::space, Discrete>;
  detail::Updates update(agent, replay, o.training);
  const auto before = agent.updates();
  agent.plan(0);  // what decays over a run on the log does not decay further online, nor is it at its end
  const detail::OnlineAgent any{
      .observation_size = agent.problem().observation_size,
      .action_size = agent.problem().action_size,
      .device = agent.problem().device,
      .units = agent.units(),
      .explore = [&](const at::Tensor& x, std::int64_t key, double noise) { return agent.explore(x, key, noise); },
      .start = [&] { agent.start(replay); },
      .data_changed = [&] { agent.data_changed(); },
      .update = [&] { return update(); },
      .report_rest =
          [&] {
            if (agent.updates() > before) update.report(true);
          }};
  const detail::OnlineTask in{.name = task.name(),
                              .observation_size = task.observation_size(),
                              .action_size = task.action_size(),
                              .discrete = discrete,
                              .default_horizon = task.default_horizon(),
                              .make = [&](int horizon, std::uint64_t seed) -> std::unique_ptr<detail::OnlineCopy> {
                                using S = decltype(task.make(std::int64_t{}, int{}, std::uint64_t{}));
                                return std::make_unique<detail::OnlineCopyOf<S>>(task.make(1, horizon, seed),
                                                                                 discrete ? 1 : task.action_size());
                              }};
  detail::train_online(any, replay, in, experience, o);
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
