#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/support/random.hpp>
#include <tessera/train/train_online.hpp>

namespace tessera {
namespace detail {
/// Puts what was collected into a replay, in the learner's units: a transition at once, or an episode at its end.
class Collector {
 public:
  Collector(const OnlineAgent& agent, Replay& replay, const OnlineTask& task, const Experience& experience,
            const OnlineOptions& o)
      : agent_(agent), replay_(replay), experience_(experience), n_(task.observation_size),
        d_(task.discrete ? 1 : task.action_size), discrete_(task.discrete), capacity_(o.capacity),
        waiting_(static_cast<std::size_t>(o.environments)) {}

  void collected(std::int64_t copy, std::int64_t i) {
    auto& episode = waiting_[std::size_t(copy)];
    const bool starts = episode.empty(), over = experience_[i].ends != Experience::end::none;
    episode.push_back(i);
    if (!replay_.has_columns()) {
      put({i}, starts);
    } else if (over) {
      put(episode, true);
      agent_.data_changed();
    }
    if (over) episode.clear();
  }

 private:
  void put(const std::vector<std::int64_t>& rows, bool starts) {
    using Transition = Experience::Transition;
    const auto raw = [&](std::int64_t columns, auto fill) {
      auto x = at::empty({std::int64_t(rows.size()), columns}, at::kFloat);
      float* p = x.data_ptr<float>();
      for (const auto i : rows) fill(experience_[i], p), p += columns;
      return x.to(agent_.device);
    };
    const auto s = raw(n_, [&](const Transition& t, float* p) { std::copy_n(t.observation.begin(), n_, p); });
    const auto a = raw(d_, [&](const Transition& t, float* p) { std::copy_n(t.action.begin(), d_, p); });
    const auto r = raw(1, [](const Transition& t, float* p) { *p = t.reward; });
    // A time limit is no end.
    const auto m =
        raw(1, [](const Transition& t, float* p) { *p = t.ends == Experience::end::terminated ? 0.0f : 1.0f; });
    const auto s_next = raw(n_, [&](const Transition& t, float* p) { std::copy_n(t.next_observation.begin(), n_, p); });
    const auto& units = agent_.units;
    replay_.append(at::cat({units.observations(s), discrete_ ? a : units.learner_actions(a), units.rewards(r), m,
                            units.observations(s_next)},
                           1),
                   starts, capacity_);
  }

  const OnlineAgent& agent_;
  Replay& replay_;
  const Experience& experience_;
  std::int64_t n_, d_;
  bool discrete_;
  std::int64_t capacity_;
  std::vector<std::vector<std::int64_t>> waiting_;  // of episodes that are not over, for each copy
};

inline void require_online(const OnlineAgent& agent, const Replay& replay, const OnlineTask& task,
                           const Experience& experience, const OnlineOptions& o, int horizon) {
  if (agent.observation_size != task.observation_size || agent.action_size != task.action_size)
    throw Error("environment " + task.name + " has observations of size " + std::to_string(task.observation_size) +
                " and actions of size " + std::to_string(task.action_size) + ", but the agent was made for " +
                std::to_string(agent.observation_size) + " and " + std::to_string(agent.action_size) +
                "; fine-tune it in the task its data came from");
  if (o.training.joint) throw Error("data-parallel: steps in an environment are made by one process");
  const auto at_least = [](const char* what, auto x, auto least) {
    if (!(x >= least))
      throw Error(std::string(what) + " must be at least " + std::to_string(least) + ", not " + std::to_string(x));
  };
  at_least("steps", o.steps, 0), at_least("environments", o.environments, 1);
  at_least("updates_per_step", o.updates_per_step, 0.0), at_least("random_steps", o.random_steps, 0);
  at_least("capacity", o.capacity, 1), at_least("horizon", o.horizon, 0);
  at_least("exploration_noise", o.exploration_noise, 0.0);
  if (replay.has_columns() && o.capacity < horizon)
    throw Error("capacity " + std::to_string(o.capacity) + " holds no whole episode of " + std::to_string(horizon) +
                " steps, and this agent learns from whole ones; make it larger");
  if (experience.size() % o.environments != 0)
    throw Error("what was collected is of another number of copies than " + std::to_string(o.environments) +
                "; go on with as many as the run had");
}

/// Actions of all copies, in the task's units, a row each: uniform ones at first, then the agent's exploration.
inline at::Tensor online_actions(const OnlineAgent& agent, const OnlineTask& task, const at::Tensor& seen,
                                 std::int64_t steps, const OnlineOptions& o) {
  const auto count = seen.size(0), d = task.discrete ? 1 : task.action_size;
  at::Tensor a;
  if (steps < o.random_steps) {
    Random random(~o.seed, 1, std::uint64_t(steps) * 1024);
    a = at::empty({count, d}, at::kFloat);
    float* p = a.data_ptr<float>();
    for (std::int64_t k = 0; k < a.numel(); ++k)
      p[k] = task.discrete ? float(random.below(std::uint64_t(task.action_size))) : float(random.uniform(-1, 1));
    if (!task.discrete) a = agent.units.actions(a.to(agent.device));
  } else {
    a = agent.explore(seen.to(agent.device), steps, o.exploration_noise);
  }
  return a.to(at::kCPU, at::kFloat).reshape({count, d}).contiguous();
}

TESSERA_INLINE void train_online(const OnlineAgent& agent, Replay& replay, const OnlineTask& task,
                                 Experience& experience, const OnlineOptions& o) {
  const int horizon = o.horizon > 0 ? o.horizon : task.default_horizon;
  require_online(agent, replay, task, experience, o, horizon);
  const auto n = task.observation_size, d = task.discrete ? 1 : task.action_size;
  Episodes tasks(task, o.environments, horizon, [seed = o.seed](std::int64_t copy, std::int64_t episode) {
    return Random(seed, std::uint64_t(copy), std::uint64_t(episode)).next();
  });
  Collector collector(agent, replay, task, experience, o);
  // Of what was done elsewhere nothing goes on here; where this goes on, so do chunks that were begun.
  if (experience.size() == 0)
    for (std::int64_t i = 0; i < tasks.count(); ++i) agent.begin_episode(i);

  // Back to where an earlier call has stopped.
  for (std::int64_t i = 0; i < experience.size(); ++i) {
    const auto copy = experience.copy(i);
    const auto t = experience[i];
    const auto seen = copy < tasks.count() ? tasks.observation(copy) : std::span<const float>{};
    if (!std::equal(seen.begin(), seen.end(), t.observation.begin(), t.observation.end()))
      throw Error("what was collected does not come from environment " + task.name + " with seed " +
                  std::to_string(o.seed) + ", " + std::to_string(o.environments) + " copies and this horizon (step " +
                  std::to_string(i) + "); go on with those of the run");
    tasks.step(copy, t.action.data());
    collector.collected(copy, i);
    if (t.ends != Experience::end::none) tasks.restart(copy);
  }

  const auto updates_after = std::max(o.updates_after, o.random_steps);
  // A number of updates belongs to a number of steps, so that a run which goes on makes those that it would have made.
  const auto due = [&](std::int64_t steps) {
    return steps <= updates_after ? std::int64_t{0}
                                  : std::int64_t(std::floor(double(steps - updates_after) * o.updates_per_step));
  };
  if (replay.size() > 0) agent.start();
  if (o.after_step && !o.after_step(experience.size())) return;
  for (bool goes_on = true; goes_on && experience.size() < o.steps;) {
    const auto steps = experience.size();
    const auto seen = at::empty({tasks.count(), n}, at::kFloat);
    for (std::int64_t i = 0; i < tasks.count(); ++i)
      std::copy_n(tasks.observation(i).begin(), n, seen.data_ptr<float>() + i * n);
    const auto actions = online_actions(agent, task, seen, steps, o);
    for (std::int64_t i = 0; i < tasks.count(); ++i) {
      const auto moved = tasks.step(i, actions.data_ptr<float>() + i * d, experience);
      collector.collected(i, experience.size() - 1);
      if (moved.ends != Experience::end::none) {
        if (o.after_episode) o.after_episode(experience.size(), moved.episode_return);
        tasks.restart(i);
        agent.begin_episode(i);
      }
    }
    if (replay.size() > 0)
      for (auto k = due(experience.size()) - due(steps); k > 0; --k) goes_on = agent.update() && goes_on;
    if (o.after_step && !o.after_step(experience.size())) goes_on = false;
  }
  agent.report_rest();
}
}  // namespace detail
}  // namespace tessera
