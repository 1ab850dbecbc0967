#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <tessera/support/error.hpp>
#include <tessera/train/fit_dynamics.hpp>
#include <tessera/train/recorded.hpp>
#include <tessera/train/replay.hpp>
#include <tessera/train/train.hpp>
#include <tessera/train/window.hpp>

namespace tessera {
/// As in TrainOptions.
struct TrainManyOptions {
  std::int64_t updates = 10'000;
  std::int64_t batch = 256;
  std::int64_t report_every = 100;
  /// The reports of the agents, by their place among them.
  std::function<void(std::size_t agent, const Report&)> report{};
  /// Called with the number of updates that each has made; false stops.
  std::function<bool(std::int64_t)> after_update{};
  bool record = true;
  std::int64_t updates_per_launch = 1;
  std::vector<std::int64_t> pauses{};
  std::function<void(const std::string&)> note{};
};

namespace detail {
/// The loop of `train_many`, whatever the agents' type; throws Diverged where a metric is not finite.
void update_together(RecordedUpdates& make, std::vector<MetricsWindow>& windows, std::int64_t made,
                     const TrainManyOptions& o);
}  // namespace detail

/// Trains several agents of one recipe on one replay buffer, all by equally many updates: seeds, or settings.  On a
/// device that records, their updates are branches of one graph, which a GPU computes side by side (RecordedUpdates);
/// elsewhere they take turns.  The numbers are those of each agent trained alone, by `train`.
template <class Agent>
void train_many(std::span<Agent> agents, Replay& replay, const TrainManyOptions& o) {
  detail::require_counts(o.batch, o.report_every, o.updates_per_launch, o.pauses);
  if (agents.empty()) return;
  const auto made = agents.front().updates();
  for (auto& agent : agents) {
    if (agent.updates() != made)
      throw Error("train_many: one agent has made " + std::to_string(made) + " updates and another " +
                  std::to_string(agent.updates()) + "; give agents that have made equally many");
    agent.plan(o.updates);
    agent.start(replay);
  }
  std::vector<MetricsWindow> windows(agents.size());
  auto make = recorded_updates(
      agents, replay, o.batch,
      {.record = o.record,
       .made = [&windows](std::size_t i, std::int64_t k, const auto& metrics) { windows[i].add(k, metrics); },
       .note = o.note});
  detail::update_together(make, windows, made, o);
}

/// The same, from a data set, of which all agents must take the same transitions.
template <class Agent>
void train_many(std::span<Agent> agents, const Dataset& data, const TrainManyOptions& o = {}) {
  if (agents.empty()) return;
  const auto chosen = agents.front().transitions(data);
  for (auto& agent : agents) {
    if (agent.transitions(data) != chosen)
      throw Error("train_many: the agents take different transitions of the data; train them one by one");
    if constexpr (TakesDynamics<Agent>)
      if (agent.dynamics().trained.value == 0) fit_dynamics(agent, data);
  }
  auto replay = replay_for(agents.front(), data, chosen);
  train_many(agents, replay, o);
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/train_many.impl.hpp>
#endif
