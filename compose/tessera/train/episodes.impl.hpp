#pragma once
#include <algorithm>
#include <cmath>

#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/episodes.hpp>

namespace tessera::detail {
TESSERA_INLINE Episodes::Episodes(const OnlineTask& task, std::int64_t count, int horizon, Start start)
    : name_(task.name), observation_size_(std::size_t(task.observation_size)),
      action_numbers_(task.discrete ? 1 : std::size_t(task.action_size)), horizon_(horizon), start_(std::move(start)) {
  for (std::int64_t i = 0; i < count; ++i) copies_.push_back({task.make(horizon, start_(i, 0))});
}

TESSERA_INLINE std::span<const float> Episodes::observation(std::int64_t i) const {
  return {copies_[std::size_t(i)].task->observation(), observation_size_};
}

TESSERA_INLINE Episodes::Moved Episodes::step(std::int64_t i, const float* action) {
  auto& c = copies_[std::size_t(i)];
  float reward = 0;
  std::uint8_t terminated = 0;
  c.task->step(action, &reward, &terminated);
  ++c.steps;
  c.episode_return += double(reward);
  const auto ends = terminated != 0                              ? Experience::end::terminated
                    : c.steps >= horizon_ || c.task->truncated() ? Experience::end::truncated
                                                                 : Experience::end::none;
  return {reward, ends, c.episode_return};
}

TESSERA_INLINE Episodes::Moved Episodes::step(std::int64_t i, const float* action, Experience& to) {
  const auto seen = observation(i);
  from_.assign(seen.begin(), seen.end());
  const auto moved = step(i, action);
  const auto then = observation(i);
  if (!std::isfinite(moved.reward) || !std::all_of(then.begin(), then.end(), [](float x) { return std::isfinite(x); }))
    throw Error("environment " + name_ + ": step " + std::to_string(to.size()) +
                " gave a reward or an observation that is not finite; mend the environment");
  to.add(i, {from_, {action, action_numbers_}, moved.reward, moved.ends, then});
  return moved;
}

TESSERA_INLINE void Episodes::restart(std::int64_t i) {
  auto& c = copies_[std::size_t(i)];
  ++c.episode;
  c.steps = 0, c.episode_return = 0;
  c.task->reset(start_(i, c.episode));
}
}  // namespace tessera::detail
