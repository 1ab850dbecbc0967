#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/train/evaluate.hpp>

namespace tessera {
TESSERA_INLINE double Evaluation::mean() const {
  double sum = 0;
  for (double r : returns) sum += r;
  return sum / double(returns.size());
}

TESSERA_INLINE double Evaluation::std() const {
  const double m = mean();
  double sum = 0;
  for (double r : returns) sum += (r - m) * (r - m);
  return std::sqrt(sum / double(returns.size()));
}

TESSERA_INLINE void require_evaluable(std::int64_t observation_size, std::int64_t episodes) {
  if (episodes < 1) throw Error("episodes must be at least 1, not " + std::to_string(episodes));
  const auto row = observation_size * std::int64_t(sizeof(float));
  if (episodes > evaluation_bytes / row) {
    const double bytes = double(episodes) * double(row);
    char text[32];
    std::snprintf(text, sizeof text, "%.0f", bytes);
    throw Error(std::to_string(episodes) + " episodes whose observations have " + std::to_string(observation_size) +
                " numbers take " + text + " bytes at each step, and at most " + std::to_string(evaluation_bytes) +
                " may be taken; evaluate at most " + std::to_string(evaluation_bytes / row) + " episodes at a time");
  }
}

namespace detail {
TESSERA_INLINE std::function<at::Tensor(const at::Tensor&, std::int64_t)> open_loop(
    std::int64_t h, std::function<at::Tensor(const at::Tensor&, std::int64_t)> begin) {
  return [h, begin = std::move(begin), begun = std::map<std::int64_t, at::Tensor>()](const at::Tensor& x,
                                                                                     std::int64_t key) mutable {
    const auto t = key & 0xffffffff, copies = key >> 32;
    if (t % h == 0) begun[copies] = begin(x, key);
    return begun.at(copies).select(1, t % h);
  };
}

TESSERA_INLINE Evaluation evaluate(const Evaluated& on, const EvaluationOptions& o) {
  const auto width = on.observation_size;
  if (on.wanted_observation_size != width || on.wanted_action_size != on.action_size)
    throw Error("environment " + on.task + " has observations of size " + std::to_string(width) +
                " and actions of size " + std::to_string(on.action_size) + ", but the policy was trained for " +
                std::to_string(on.wanted_observation_size) + " and " + std::to_string(on.wanted_action_size) +
                "; evaluate it in the task its data came from");
  require_evaluable(width, o.episodes);
  if (o.horizon < 0)
    throw Error("horizon must be at least 1, or 0 for the task's own, not " + std::to_string(o.horizon));
  const int horizon = o.horizon > 0 ? o.horizon : on.default_horizon;

  on.make(o.episodes, horizon, o.seed);
  Evaluation result{std::vector<double>(std::size_t(o.episodes), 0.0)};
  std::vector<float> rewards(std::size_t(o.episodes), 0.0f);
  std::vector<std::uint8_t> terminated(std::size_t(o.episodes), 0), over(std::size_t(o.episodes), 0);
  const std::int64_t numbers = on.discrete ? 1 : on.action_size;  // per action
  std::vector<float> actions(on.discrete ? 0 : std::size_t(o.episodes * numbers));
  std::vector<std::int64_t> indices(on.discrete ? std::size_t(o.episodes) : 0);
  std::vector<float> seen, before;
  for (int t = 0; t < horizon; ++t) {
    // What an environment shows of an episode that has ended, even infinity, is not passed to the policy.
    const float* x = on.observations();
    if (std::any_of(over.begin(), over.end(), [](auto ended) { return ended != 0; })) {
      seen.assign(x, x + o.episodes * width);
      for (std::size_t i = 0; i < over.size(); ++i)
        if (over[i]) std::fill_n(seen.begin() + std::int64_t(i) * width, width, 0.0f);
      x = seen.data();
    }
    for (std::int64_t first = 0; first < o.episodes; first += episodes_at_once) {
      if (o.keep_going && !o.keep_going()) {
        result.stopped = true;
        return result;
      }
      const auto count = std::min(episodes_at_once, o.episodes - first);
      // from_blob does not own its memory: the copy to the device, or act's arithmetic, finishes before the state
      // changes.
      const auto some = at::from_blob(const_cast<float*>(x) + first * width, {count, width}, at::kFloat);
      // The noise that a selection draws is keyed by the step and the chunk of copies.
      const auto key = std::int64_t(t) + (first / episodes_at_once << 32);
      const auto a = on.act(some.to(on.device), key).to(at::kCPU, on.discrete ? at::kLong : at::kFloat).contiguous();
      if (a.numel() != count * numbers)
        throw Error("the agent gave " + std::to_string(a.numel()) + " numbers as actions for " + std::to_string(count) +
                    " observations, and " + std::to_string(count * numbers) + " are wanted");
      if (on.discrete) std::copy_n(a.data_ptr<std::int64_t>(), a.numel(), indices.begin() + first);
      else std::copy_n(a.data_ptr<float>(), a.numel(), actions.begin() + first * numbers);
    }
    if (!on.discrete && o.disturb) o.disturb(actions.data());
    if (o.watch) before.assign(on.observations(), on.observations() + o.episodes * width);
    on.step(on.discrete ? static_cast<const void*>(indices.data()) : actions.data(), rewards.data(), terminated.data());
    const std::uint8_t* const cut = on.truncated ? on.truncated() : nullptr;
    if (o.watch)
      o.watch({.t = t,
               .observations = before.data(),
               .actions = on.discrete ? nullptr : actions.data(),
               .action_indices = on.discrete ? indices.data() : nullptr,
               .rewards = rewards.data(),
               .terminated = terminated.data(),
               .truncated = cut,
               .next_observations = on.observations(),
               .over = over.data()});
    for (std::size_t i = 0; i < over.size(); ++i) {
      if (!over[i]) result.returns[i] += double(rewards[i]);
      over[i] = over[i] || terminated[i] || (cut != nullptr && cut[i] != 0);
    }
    if (std::all_of(over.begin(), over.end(), [](auto ended) { return ended != 0; })) break;
  }
  return result;
}
}  // namespace detail
}  // namespace tessera
