#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/train/experience.hpp>

namespace tessera::detail {
/// One copy of a task, whose type is forgotten: an action is d numbers, or one that is an index.
class OnlineCopy {
 public:
  virtual ~OnlineCopy() = default;
  virtual const float* observation() const = 0;
  virtual void step(const float* action, float* reward, std::uint8_t* terminated) = 0;
  virtual bool truncated() const = 0;  // by itself
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
  bool truncated() const override {
    if constexpr (CutsEpisodes<S>) return copy_.truncated() != nullptr && copy_.truncated()[0] != 0;
    else return false;
  }
  void reset(std::uint64_t seed) override { copy_.reset(seed); }

 private:
  S copy_;
  std::vector<typename S::action_type> action_;
};

/// A task whose type is forgotten, so that what steps it is compiled once.
struct OnlineTask {
  std::string name;
  std::int64_t observation_size, action_size;
  bool discrete;
  int default_horizon;
  std::function<std::unique_ptr<OnlineCopy>(int horizon, std::uint64_t seed)> make;
};
/// The same task, which must outlive this.
template <Task T>
OnlineTask online_task(const T& task) {
  constexpr bool discrete = std::is_same_v<typename T::space, Discrete>;
  using S = decltype(task.make(std::int64_t{}, int{}, std::uint64_t{}));
  return {.name = task.name(),
          .observation_size = task.observation_size(),
          .action_size = task.action_size(),
          .discrete = discrete,
          .default_horizon = task.default_horizon(),
          .make = [&task](int horizon, std::uint64_t seed) -> std::unique_ptr<OnlineCopy> {
            return std::make_unique<OnlineCopyOf<S>>(task.make(1, horizon, seed), discrete ? 1 : task.action_size());
          }};
}

/// Copies of a task, each with its own episode.
class Episodes {
 public:
  /// The seed of a copy's episode, both counted from 0; asked once for each, in the order in which they begin.
  using Start = std::function<std::uint64_t(std::int64_t copy, std::int64_t episode)>;
  Episodes(const OnlineTask& task, std::int64_t count, int horizon, Start start);

  std::int64_t count() const { return std::int64_t(copies_.size()); }
  std::span<const float> observation(std::int64_t i) const;
  struct Moved {
    float reward;
    Experience::end ends;
    double episode_return;  ///< so far
  };
  /// One step of copy i; an episode that ends by it is not started anew.
  Moved step(std::int64_t i, const float* action);
  /// The same, which is then added to what was collected.  Throws an Error where a number of it is not finite.
  Moved step(std::int64_t i, const float* action, Experience& to);
  /// Starts copy i anew.
  void restart(std::int64_t i);

 private:
  struct One {
    std::unique_ptr<OnlineCopy> task;
    std::int64_t steps = 0, episode = 0;
    double episode_return = 0;
  };
  std::string name_;
  std::size_t observation_size_, action_numbers_;
  int horizon_;
  Start start_;
  std::vector<One> copies_;
  std::vector<float> from_;
};
}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include <tessera/train/episodes.impl.hpp>
#endif
