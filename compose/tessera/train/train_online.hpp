#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/random.hpp>
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
/// Copies of a task, each with its own episode.
template <Task T>
class Episodes {
 public:
  using Simulation = decltype(std::declval<const T&>().make(std::int64_t{}, int{}, std::uint64_t{}));
  using Number = typename Simulation::action_type;
  struct One {
    Simulation task;
    std::int64_t steps = 0, episode = 0;
    double episode_return = 0;
  };

  Episodes(const T& task, std::int64_t count, int horizon, std::uint64_t seed)
      : n_(task.observation_size()), horizon_(horizon), seed_(seed) {
    for (std::int64_t i = 0; i < count; ++i) copies_.push_back({task.make(1, horizon, start(i, 0))});
  }
  std::int64_t count() const { return std::int64_t(copies_.size()); }
  std::span<const float> observation(std::int64_t i) const {
    return {copies_[std::size_t(i)].task.observations(), std::size_t(n_)};
  }
  /// Moves copy i; of its episode, what it is worth so far.
  struct Moved {
    float reward;
    Experience::end ends;
    double episode_return;
  };
  Moved step(std::int64_t i, const Number* action) {
    auto& c = copies_[std::size_t(i)];
    float reward = 0;
    std::uint8_t terminated = 0;
    c.task.step(action, &reward, &terminated);
    ++c.steps;
    c.episode_return += double(reward);
    const auto ends = terminated != 0       ? Experience::end::terminated
                      : c.steps >= horizon_ ? Experience::end::truncated
                                            : Experience::end::none;
    return {reward, ends, c.episode_return};
  }
  /// Starts copy i anew.
  void restart(std::int64_t i) {
    auto& c = copies_[std::size_t(i)];
    ++c.episode;
    c.steps = 0, c.episode_return = 0;
    c.task.reset(start(i, c.episode));
  }

 private:
  std::uint64_t start(std::int64_t copy, std::int64_t episode) const {
    return Random(seed_, std::uint64_t(copy), std::uint64_t(episode)).next();
  }
  std::int64_t n_;
  int horizon_;
  std::uint64_t seed_;
  std::vector<One> copies_;
};
}  // namespace detail

/// Goes on with an agent online: steps a task with the agent's exploration, adds what it sees to the replay, and makes
/// `updates_per_step` updates a step.  Networks, optimizers, targets and multipliers are the agent's as they are.
/// `experience` is what earlier calls have collected, and gets what this one does: with the same agent and the same
/// experience it goes on as if it had not stopped, since the tasks are brought back to where they were by the actions
/// that were taken.
/// A transition is learned from at once; an episode at a time, where a part reads what is only known at its end.
/// Time limits are no ends: values are bootstrapped across them.
template <class Agent, Task T>
void train_online(Agent& agent, Replay& replay, const T& task, Experience& experience, const OnlineOptions& o) {
  static_assert(std::is_same_v<typename T::space, typename Agent::space>,
                "the agent and the environment have different action spaces");
  constexpr bool discrete = std::is_same_v<typename T::space, Discrete>;
  using Tasks = detail::Episodes<T>;
  using Number = typename Tasks::Number;
  const auto& on = agent.problem();
  const std::int64_t n = task.observation_size(), actions = task.action_size(), d = discrete ? 1 : actions;
  if (on.observation_size != n || on.action_size != actions)
    throw Error("environment " + std::string(task.name()) + " has observations of size " + std::to_string(n) +
                " and actions of size " + std::to_string(actions) + ", but the agent was made for " +
                std::to_string(on.observation_size) + " and " + std::to_string(on.action_size) +
                "; fine-tune it in the task its data came from");
  const auto at_least = [](const char* what, auto x, auto least) {
    if (!(x >= least))
      throw Error(std::string(what) + " must be at least " + std::to_string(least) + ", not " + std::to_string(x));
  };
  at_least("steps", o.steps, 0), at_least("environments", o.environments, 1);
  at_least("updates_per_step", o.updates_per_step, 0.0), at_least("random_steps", o.random_steps, 0);
  at_least("capacity", o.capacity, 1), at_least("horizon", o.horizon, 0);
  at_least("exploration_noise", o.exploration_noise, 0.0);
  const int horizon = o.horizon > 0 ? o.horizon : task.default_horizon();
  if (replay.has_columns() && o.capacity < horizon)
    throw Error("capacity " + std::to_string(o.capacity) + " holds no whole episode of " + std::to_string(horizon) +
                " steps, and this agent learns from whole ones; make it larger");

  Tasks tasks(task, o.environments, horizon, o.seed);
  std::vector<std::vector<std::int64_t>> waiting(static_cast<std::size_t>(tasks.count()));  // of episodes not over

  // What was collected, in the learner's units, into the replay.
  const auto& units = agent.units();
  const auto put = [&](const std::vector<std::int64_t>& rows, bool starts) {
    const auto count = std::int64_t(rows.size());
    const auto raw = [&](std::int64_t columns, auto fill) {
      auto x = at::empty({count, columns}, at::kFloat);
      float* p = x.template data_ptr<float>();
      for (const auto i : rows) fill(experience[i], p), p += columns;
      return x.to(on.device);
    };
    const auto a = raw(d, [&](const auto& t, float* p) { std::copy_n(t.action.begin(), d, p); });
    replay.append(
        at::cat({units.observations(raw(n, [&](const auto& t, float* p) { std::copy_n(t.observation.begin(), n, p); })),
                 discrete ? a : units.learner_actions(a),
                 units.rewards(raw(1, [](const auto& t, float* p) { *p = t.reward; })),
                 raw(1, [](const auto& t, float* p) { *p = t.ends == Experience::end::terminated ? 0.0f : 1.0f; }),
                 units.observations(
                     raw(n, [&](const auto& t, float* p) { std::copy_n(t.next_observation.begin(), n, p); }))},
                1),
        starts, o.capacity);
  };
  const auto collected = [&](std::int64_t copy, std::int64_t i) {
    auto& episode = waiting[std::size_t(copy)];
    const bool starts = episode.empty(), over = experience[i].ends != Experience::end::none;
    episode.push_back(i);
    if (!replay.has_columns()) {
      put({i}, starts);
    } else if (over) {
      put(episode, true);
      agent.data_changed();
    }
    if (over) episode.clear();
  };
  // Back to where an earlier call has stopped.
  for (std::int64_t i = 0; i < experience.size(); ++i) {
    const auto copy = experience.copy(i);
    const auto t = experience[i];
    const auto seen = copy < tasks.count() ? tasks.observation(copy) : std::span<const float>{};
    if (!std::equal(seen.begin(), seen.end(), t.observation.begin(), t.observation.end()))
      throw Error("what was collected does not come from environment " + std::string(task.name()) + " with seed " +
                  std::to_string(o.seed) + ", " + std::to_string(o.environments) + " copies and this horizon (step " +
                  std::to_string(i) + "); go on with those of the run");
    std::vector<Number> action(t.action.begin(), t.action.end());
    tasks.step(copy, action.data());
    collected(copy, i);
    if (t.ends != Experience::end::none) tasks.restart(copy);
  }

  detail::Updates<Agent> update(agent, replay, o.training);
  const auto updates_after = std::max(o.updates_after, o.random_steps);
  // A number of updates belongs to a number of steps, so that a run which goes on makes those that it would have made.
  const auto due = [&](std::int64_t steps) {
    return steps <= updates_after ? std::int64_t{0}
                                  : std::int64_t(std::floor(double(steps - updates_after) * o.updates_per_step));
  };
  if (experience.size() % tasks.count() != 0)
    throw Error("what was collected is of another number of copies than " + std::to_string(tasks.count()));
  if (replay.size() > 0) agent.start(replay);
  const auto before = agent.updates();
  if (o.after_step && !o.after_step(experience.size())) return;
  for (bool goes_on = true; goes_on && experience.size() < o.steps;) {
    const auto steps = experience.size();
    auto seen = at::empty({tasks.count(), n}, at::kFloat);
    for (std::int64_t i = 0; i < tasks.count(); ++i)
      std::copy_n(tasks.observation(i).begin(), n, seen.template data_ptr<float>() + i * n);
    std::vector<Number> action(static_cast<std::size_t>(tasks.count() * d));
    if (steps < o.random_steps) {
      Random random(~o.seed, 1, std::uint64_t(steps) * 64);
      if constexpr (discrete) {
        for (auto& a : action) a = Number(random.below(std::uint64_t(actions)));
      } else {
        auto a = at::empty({tasks.count(), d}, at::kFloat);
        for (std::int64_t k = 0; k < a.numel(); ++k) a.template data_ptr<float>()[k] = float(random.uniform(-1, 1));
        const auto scaled = units.actions(a.to(on.device)).to(at::kCPU, at::kFloat).contiguous();
        std::copy_n(scaled.template data_ptr<float>(), scaled.numel(), action.begin());
      }
    } else {
      constexpr auto dtype = discrete ? at::kLong : at::kFloat;
      const auto a = agent.explore(seen.to(on.device), steps, o.exploration_noise).to(at::kCPU, dtype).contiguous();
      using Stored = std::conditional_t<discrete, std::int64_t, float>;
      std::copy_n(a.template data_ptr<Stored>(), a.numel(), action.begin());
    }
    for (std::int64_t i = 0; i < tasks.count(); ++i) {
      const std::vector<float> taken(action.begin() + i * d, action.begin() + (i + 1) * d);
      const std::vector<float> from(seen.template data_ptr<float>() + i * n,
                                    seen.template data_ptr<float>() + (i + 1) * n);
      const auto moved = tasks.step(i, action.data() + i * d);
      const auto then = tasks.observation(i);
      if (!std::isfinite(moved.reward) ||
          !std::all_of(then.begin(), then.end(), [](float x) { return std::isfinite(x); }))
        throw Error("environment " + std::string(task.name()) + ": step " + std::to_string(steps + i) +
                    " gave a reward or an observation that is not finite; mend the environment");
      experience.add(i, {from, taken, moved.reward, moved.ends, then});
      collected(i, experience.size() - 1);
      if (moved.ends != Experience::end::none) {
        if (o.after_episode) o.after_episode(experience.size(), moved.episode_return);
        tasks.restart(i);
      }
    }
    if (replay.size() > 0)
      for (auto k = due(experience.size()) - due(steps); k > 0; --k) goes_on = update() && goes_on;
    if (o.after_step && !o.after_step(experience.size())) goes_on = false;
  }
  if (agent.updates() > before) update.report(true);
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
