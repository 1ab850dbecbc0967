#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tessera/concepts/types.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/train/replay.hpp>

namespace tessera {
namespace detail {
/// What is asked of an agent whose updates are recorded; its type is forgotten, so that the rest is compiled once.
class UpdatedAgent {
 public:
  virtual ~UpdatedAgent() = default;
  virtual at::Device device() const = 0;
  /// Why its updates are not recorded; empty: they are.
  virtual std::string why_not() const = 0;
  virtual void update(std::int64_t number) = 0;
  virtual std::vector<std::int64_t> pattern(std::int64_t number) const = 0;
  virtual const std::vector<term<at::Tensor>>& metrics() const = 0;
  virtual bool asked_number() const = 0;
  virtual void repeated(std::int64_t number, std::vector<term<at::Tensor>> metrics) = 0;
};
/// The further minibatches of an update, whose number is looked at when one is drawn.
std::function<batch<at::Tensor>(std::int64_t)> further_batches_of(const Replay& replay, std::uint64_t seed,
                                                                  const std::int64_t& number, std::int64_t count);
template <class Agent>
class UpdatedAgentOf final : public UpdatedAgent {
 public:
  UpdatedAgentOf(Agent& agent, Replay& replay, std::int64_t count)
      : agent_(agent), replay_(replay), count_(count),
        fresh_(further_batches_of(replay, agent.problem().seed, number_, count)) {}
  UpdatedAgentOf(const UpdatedAgentOf&) = delete;
  UpdatedAgentOf& operator=(const UpdatedAgentOf&) = delete;
  at::Device device() const override { return agent_.problem().device; }
  std::string why_not() const override {
    if constexpr (!Agent::capturable) return Agent::why_not_capturable();
    else return replay_.in_memory() ? "" : "the transitions stay on the disk";
  }
  void update(std::int64_t number) override {
    number_ = number;
    agent_.refill(replay_);
    agent_.update(agent_.batch_for(replay_, number, count_), fresh_);
  }
  std::vector<std::int64_t> pattern(std::int64_t number) const override { return agent_.pattern(number); }
  const std::vector<term<at::Tensor>>& metrics() const override { return agent_.metrics(); }
  bool asked_number() const override { return agent_.asked_number(); }
  void repeated(std::int64_t number, std::vector<term<at::Tensor>> metrics) override {
    agent_.repeated(number, std::move(metrics));
  }

 private:
  Agent& agent_;
  Replay& replay_;
  std::int64_t count_, number_ = 0;
  std::function<batch<at::Tensor>(std::int64_t)> fresh_;
};
}  // namespace detail

struct RecordingOptions {
  bool record = true;  ///< false: the updates are made one by one
  /// Called after every update of every agent, in this order: the agent, by its place among them, the number of the
  /// update, and what it measured.
  std::function<void(std::size_t agent, std::int64_t number, const std::vector<term<at::Tensor>>& metrics)> made{};
  /// Gets one line where updates are, or are not, recorded on a device that could.
  std::function<void(const std::string&)> note{};
};

/// Makes an agent's updates, each of which, minibatch and all, is recorded on the device and from then on repeated in
/// one launch (nn::Graph), alone or several in a row.  Updates that ask the device for something else, such as those in
/// which a delayed actor is due, are recorded apart.  Several agents, such as the seeds or the settings of a study,
/// share a launch, in which each has a branch of its own: a GPU, which one small network does not fill, computes them
/// side by side.  The numbers are those of updates made one by one.
/// On the CPU, where a recipe is not capturable, and where recording fails, the updates are made one by one.
class RecordedUpdates {
 public:
  explicit RecordedUpdates(std::unique_ptr<detail::UpdatedAgent> agent, RecordingOptions o = {});
  /// At least one agent; all on one device.
  RecordedUpdates(std::vector<std::unique_ptr<detail::UpdatedAgent>> agents, RecordingOptions o = {});
  RecordedUpdates(RecordedUpdates&& other) noexcept;
  RecordedUpdates& operator=(RecordedUpdates&& other) noexcept;
  ~RecordedUpdates();

  /// Makes update number `number`, which is every agent's next.
  void operator()(std::int64_t number) { update_many(number, 1); }
  /// Makes `count` updates of every agent, of which number `first` is the next one; where they are repeated, in one
  /// launch.  Each `count` is recorded apart.
  void update_many(std::int64_t first, std::int64_t count);
  /// How many updates of each agent were repeated from a recording.
  std::int64_t repeated() const;

  static constexpr int warm_ups = 2;  ///< launches of a pattern that are made one by one before it is recorded

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Updates of an agent by batches of `batch` from a replay buffer.
template <class Agent>
RecordedUpdates recorded_updates(Agent& agent, Replay& replay, std::int64_t batch, RecordingOptions o = {}) {
  return RecordedUpdates(std::make_unique<detail::UpdatedAgentOf<Agent>>(agent, replay, batch), std::move(o));
}
/// The same of several agents at once, which have made equally many updates.
template <class Agent>
RecordedUpdates recorded_updates(std::span<Agent> agents, Replay& replay, std::int64_t batch, RecordingOptions o = {}) {
  std::vector<std::unique_ptr<detail::UpdatedAgent>> all;
  for (auto& agent : agents) all.push_back(std::make_unique<detail::UpdatedAgentOf<Agent>>(agent, replay, batch));
  return {std::move(all), std::move(o)};
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/recorded.impl.hpp>
#endif
