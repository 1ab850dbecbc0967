#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tessera/concepts/types.hpp>
#include <tessera/nn/tensor.hpp>

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
template <class Agent, class Replay>
class UpdatedAgentOf final : public UpdatedAgent {
 public:
  UpdatedAgentOf(Agent& agent, Replay& replay, std::int64_t count, std::function<batch<at::Tensor>(std::int64_t)> fresh)
      : agent_(agent), replay_(replay), count_(count), fresh_(std::move(fresh)) {}
  at::Device device() const override { return agent_.problem().device; }
  std::string why_not() const override {
    if constexpr (!Agent::capturable) return Agent::why_not_capturable();
    else return replay_.in_memory() ? "" : "the transitions stay on the disk";
  }
  void update(std::int64_t number) override {
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
  std::int64_t count_;
  std::function<batch<at::Tensor>(std::int64_t)> fresh_;
};
}  // namespace detail

/// Makes an agent's updates, each of which, minibatch and all, is recorded on the device and from then on repeated in
/// one launch (nn::Graph).  Updates that ask the device for something else, such as those in which a delayed actor is
/// due, are recorded apart.  The numbers are those of updates made one by one.
/// On the CPU, where a recipe is not capturable, and where recording fails, the updates are made one by one.
class RecordedUpdates {
 public:
  /// `note` gets one line where updates are, or are not, recorded on a device that could.
  RecordedUpdates(std::unique_ptr<detail::UpdatedAgent> agent, std::function<void(const std::string&)> note);
  RecordedUpdates(RecordedUpdates&& other) noexcept;
  RecordedUpdates& operator=(RecordedUpdates&& other) noexcept;
  ~RecordedUpdates();

  /// Makes update number `number`, which is the agent's next.
  void operator()(std::int64_t number);
  /// How many updates were repeated from a recording.
  std::int64_t repeated() const;

  static constexpr int warm_ups = 2;  ///< updates of a pattern that are made before it is recorded

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Updates of an agent by batches of `count` from a replay buffer; `fresh` as in `Agent::update`.
template <class Agent, class Replay>
RecordedUpdates recorded_updates(Agent& agent, Replay& replay, std::int64_t count,
                                 std::function<batch<at::Tensor>(std::int64_t)> fresh = {},
                                 std::function<void(const std::string&)> note = {}) {
  return {std::make_unique<detail::UpdatedAgentOf<Agent, Replay>>(agent, replay, count, std::move(fresh)),
          std::move(note)};
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/recorded.impl.hpp>
#endif
