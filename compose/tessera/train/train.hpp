#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/compose/recipe.hpp>
#include <tessera/nn/ranks.hpp>
#include <tessera/support/error.hpp>
#include <tessera/train/fit_dynamics.hpp>
#include <tessera/train/recorded.hpp>
#include <tessera/train/replay.hpp>
#include <tessera/train/together.hpp>
#include <tessera/train/window.hpp>

namespace tessera {
/// The mean of each loss term since the last report.
struct Report {
  std::int64_t updates;                                 ///< completed so far
  std::vector<std::pair<std::string, double>> metrics;  ///< loss term and its mean, in order of first appearance
  bool partial = false;  ///< training ended between two reports: covers fewer than `report_every` updates
};

struct TrainOptions {
  std::int64_t updates = 10'000;  ///< total: a resumed learner continues up to this number
  std::int64_t batch = 256;       ///< minibatch size, in transitions
  std::int64_t report_every =
      100;  ///< updates between reports; metrics leave the device only then, or every MetricsWindow::kept
  std::function<void(const Report&)> report{};
  std::function<bool(std::int64_t)> after_update{};  ///< called with the number of updates; false stops
  /// The caller's own metric sums since the last report.  They may contain those of a run that was stopped between two
  /// reports; the next report then equals that of an uninterrupted run.  `after_update` may save its `text()` with a
  /// checkpoint, and learns from `flush()` whether every loss so far was finite.  A `Report::partial` does not clear
  /// it.
  MetricsWindow* window = nullptr;
  /// The ranks that train it together, each with `batch` / W rows of every batch: all call `train` with equal agents
  /// and options.  Where `after_update` says false on one, all stop after one update more.  Null: this process alone.
  nn::JointUpdates* joint = nullptr;
  bool record = true;  ///< whether updates are recorded and repeated, where the device can: see RecordedUpdates
  /// How many updates are recorded and repeated in one launch.  Where there are several, `after_update` is called after
  /// each launch alone; a launch ends where a multiple of `report_every` or of one of `pauses` is reached.
  std::int64_t updates_per_launch = 1;
  std::vector<std::int64_t> pauses{};
  std::function<void(const std::string&)> note{};  ///< gets a line on what was chosen for the device
};

/// Throws Diverged for the first of an agent's parameters, moments and multipliers that is not finite.  One pass over
/// each; the result is read from the device once.
template <class Agent>
void require_finite(Agent& agent) {
  at::NoGradGuard guard;
  std::vector<std::string> names;
  std::vector<at::Tensor> fine;
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
      if (!x.is_floating_point() || x.numel() == 0) return;
      names.push_back(name);
      fine.push_back(at::isfinite(x).all());
    }
  });
  if (fine.empty()) return;
  const auto host = at::stack(fine).to(at::kCPU);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!host.template data_ptr<bool>()[i])
      throw Diverged("training diverged: " + names[i] + " is not finite after update " +
                     std::to_string(agent.updates()) +
                     "; lower the learning rate, or check the scale of the data's rewards");
}

namespace detail {
/// Throws an Error where one of them is not at least 1.
void require_counts(std::int64_t batch, std::int64_t report_every, std::int64_t updates_per_launch,
                    const std::vector<std::int64_t>& pauses);
/// How many updates the launch makes that begins with update `first`.
template <class Options>
std::int64_t launch(std::int64_t first, const Options& o) {
  auto count = std::min(o.updates_per_launch, o.updates - first + 1);
  const auto up_to = [&](std::int64_t every) { count = std::min(count, every - (first - 1) % every); };
  up_to(o.report_every);
  for (const auto every : o.pauses) up_to(every);
  return count;
}

/// Makes updates of an agent one by one, and reports their means: the loop of `train` and of `train_online`.  The
/// agent's type is forgotten, so that the loop is compiled once.
class Updates {
 public:
  using fresh_batch = std::function<batch<at::Tensor>(std::int64_t)>;

  /// `recorded`: by updates that are recorded, where the device can (RecordedUpdates).
  template <class Agent>
  Updates(Agent& agent, Replay& replay, const TrainOptions& o, [[maybe_unused]] bool recorded = false)
      : Updates(
            replay, o, agent.problem().seed, [&agent] { return agent.updates(); },
            [this, &agent, &replay](std::int64_t number, const fresh_batch& fresh, MetricsWindow& window) {
              agent.refill(replay);
              const nn::JointUpdates::scope scope(o_.joint);
              agent.update(agent.batch_for(replay, number, rows_), fresh);
              window.add(agent.updates(), agent.metrics());
            }) {
    if constexpr (requires { Agent::capturable; })
      if (recorded && o.record && !o.joint && !agent.problem().device.is_cpu())
        recorded_ = std::make_unique<RecordedUpdates>(recorded_updates(agent, replay, o.batch, recording()));
  }
  Updates(const Updates&) = delete;
  Updates& operator=(const Updates&) = delete;

  /// One update, or a launch of several; false, where the caller wants no more.
  bool operator()();
  void report(bool partial);

 private:
  using make_update = std::function<void(std::int64_t number, const fresh_batch&, MetricsWindow&)>;
  Updates(const Replay& replay, const TrainOptions& o, std::uint64_t seed, std::function<std::int64_t()> made,
          make_update update);

  RecordingOptions recording();

  const TrainOptions& o_;
  const std::int64_t rows_;  // of a batch, here
  MetricsWindow own_;
  MetricsWindow& window_;
  std::int64_t number_;
  std::function<std::int64_t()> made_;
  make_update update_;
  fresh_batch fresh_;
  std::unique_ptr<RecordedUpdates> recorded_;
};
}  // namespace detail

/// Updates the agent until it has made `o.updates`.  Batches are a function of (seed, update): a run that was
/// interrupted and resumed makes the same updates as one that was not, if it is to be as long: what decays over the run
/// (AdamOptions::cosine_steps) decays over `o.updates`.  Returns, where a part reads them, are those under
/// the value's target copy, which a checkpoint holds.
template <class Agent>
void train(Agent& agent, Replay& replay, const TrainOptions& o) {
  if constexpr (requires { typename Agent::recipe_type; })
    static_assert(log_alone_report<typename Agent::recipe_type>::size > 0);
  detail::Together<Agent>::tell(o.joint, [&] {
    detail::Updates update(agent, replay, o, true);
    agent.plan(o.updates);
    agent.start(replay);
    const detail::Together<Agent> together(agent, o.joint);
    const auto from = agent.updates();
    while (agent.updates() < o.updates && update()) together.after(agent.updates());
    if (agent.updates() > from) update.report(true), together.require_equal();
  });
}

template <class Agent>
void train(Agent& agent, Replay&& replay, const TrainOptions& o) {
  train(agent, replay, o);
}

/// The replay buffer of a data set for an agent: in its units, with the columns that its parts read.
template <class Agent>
Replay replay_for(const Agent& agent, const Dataset& data, const std::vector<std::int64_t>& transitions) {
  return Replay(data, transitions, agent.units(), agent.problem().device,
                replay_columns(typename Agent::logged_columns{}));
}

/// The same, of a data set that nobody needs any more: its memory is given back while it is read.
template <class Agent>
Replay replay_for(const Agent& agent, Dataset&& data, const std::vector<std::int64_t>& transitions) {
  return Replay(std::move(data), transitions, agent.units(), agent.problem().device,
                replay_columns(typename Agent::logged_columns{}));
}

/// The same, from a data set: the transitions and units are those that the agent was made with; a loaded agent keeps
/// its units and selects its transitions from the data again.  A dynamics model that has not been trained is trained
/// first.
template <class Agent>
void train(Agent& agent, const Dataset& data, const TrainOptions& o = {}) {
  const auto chosen = agent.transitions(data);
  if constexpr (TakesDynamics<Agent>)
    if (agent.dynamics().trained.value == 0) fit_dynamics(agent, data);
  train(agent, replay_for(agent, data, chosen), o);
}

/// A learner that does not compose has already been reported.
template <class Agent>
  requires requires { typename Agent::does_not_compose; }
void train(Agent&, const Dataset&, const TrainOptions& = {}) {}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/train.impl.hpp>
#endif
