#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tessera/env/tabular.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE TabularTask::TabularTask(std::string name, tabular::FiniteMdp mdp, std::vector<float> observations,
                                        int horizon)
    : name_(std::move(name)), horizon_(horizon) {
  const auto states = static_cast<std::size_t>(mdp.states());
  if (observations.empty() || observations.size() % states != 0)
    throw Error(name_ + ": " + std::to_string(observations.size()) + " numbers seen in " + std::to_string(states) +
                " states; every state must have as many");
  parts_ = std::make_shared<const Parts>(Parts{std::move(mdp), std::move(observations)});
}

TESSERA_INLINE TabularTask TabularTask::one_hot(std::string name, tabular::FiniteMdp mdp, int horizon) {
  const auto states = static_cast<std::size_t>(mdp.states());
  std::vector<float> eye(states * states, 0.0f);
  for (std::size_t s = 0; s < states; ++s) eye[s * states + s] = 1;
  return TabularTask(std::move(name), std::move(mdp), std::move(eye), horizon);
}

TESSERA_INLINE TabularEnvironment::TabularEnvironment(TabularTask task, std::int64_t count, int horizon,
                                                      std::uint64_t seed)
    : task_(std::move(task)), horizon_(horizon) {
  if (count < 1 || horizon < 1)
    throw Error(task_.name() + ": " + std::to_string(count) + " copies with horizon " + std::to_string(horizon) +
                "; both must be at least 1");
  states_.resize(static_cast<std::size_t>(count));
  observations_.resize(states_.size() * width());
  reset(seed);
}

TESSERA_INLINE void TabularEnvironment::reset(std::uint64_t seed) {
  randoms_.clear();
  for (std::size_t i = 0; i < states_.size(); ++i) {
    randoms_.emplace_back(seed, i);
    place(i, tabular::drawn_from(task_.mdp().start(), randoms_[i].uniform()));
  }
}

TESSERA_INLINE void TabularEnvironment::place(std::size_t i, std::int64_t state) {
  states_[i] = state;
  const float* const seen = task_.observation(state);
  std::copy(seen, seen + width(), observations_.begin() + static_cast<std::ptrdiff_t>(i * width()));
}

TESSERA_INLINE void TabularEnvironment::step(const std::int64_t* actions, float* rewards, std::uint8_t* terminated) {
  const auto& mdp = task_.mdp();
  for (std::size_t i = 0; i < states_.size(); ++i) {
    rewards[i] = 0;
    if (!mdp.terminal(states_[i])) {
      if (actions[i] < 0 || actions[i] >= mdp.actions())
        throw Error(task_.name() + ": copy " + std::to_string(i) + " was given action " + std::to_string(actions[i]) +
                    "; actions are 0 to " + std::to_string(mdp.actions() - 1));
      const auto [state, reward] = outcome(states_[i], actions[i], randoms_[i].uniform());
      rewards[i] = static_cast<float>(reward);
      place(i, state);
    }
    terminated[i] = mdp.terminal(states_[i]);
  }
}

TESSERA_INLINE std::pair<std::int64_t, double> TabularEnvironment::outcome(std::int64_t state, std::int64_t action,
                                                                           double u) const {
  std::pair<std::int64_t, double> found{state, 0.0};
  bool passed = false;
  task_.mdp().each_outcome(state, action, [&](std::int64_t after, double probability, double reward) {
    if (passed) return;
    found = {after, reward};
    passed = (u -= probability) < 0;
  });
  return found;
}

TESSERA_INLINE TabularEnvironment TabularTask::make(std::int64_t count, int horizon, std::uint64_t seed) const {
  return TabularEnvironment(*this, count, horizon, seed);
}
}  // namespace tessera
