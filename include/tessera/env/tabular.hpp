#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/data/error.hpp>
#include <tessera/env/random.hpp>
#include <tessera/tabular/finite_mdp.hpp>

namespace tessera {
class TabularEnvironment;

/// A finite problem as a task of numbered actions: the problem, and what is seen of each state.
/// Cheap to copy: copies share both.
class TabularTask {
 public:
  using space = Discrete;

  /// `observations` (states, width) row-major.  `horizon`: after how many steps an evaluation cuts an episode.
  TabularTask(std::string name, tabular::FiniteMdp mdp, std::vector<float> observations, int horizon)
      : name_(std::move(name)), horizon_(horizon) {
    const auto states = static_cast<std::size_t>(mdp.states());
    if (observations.empty() || observations.size() % states != 0)
      throw Error(name_ + ": " + std::to_string(observations.size()) + " numbers seen in " + std::to_string(states) +
                  " states; every state must have as many");
    parts_ = std::make_shared<const Parts>(Parts{std::move(mdp), std::move(observations)});
  }
  /// Every state is seen as a vector of its own: 1 at its number, 0 elsewhere.
  static TabularTask one_hot(std::string name, tabular::FiniteMdp mdp, int horizon) {
    const auto states = static_cast<std::size_t>(mdp.states());
    std::vector<float> eye(states * states, 0.0f);
    for (std::size_t s = 0; s < states; ++s) eye[s * states + s] = 1;
    return TabularTask(std::move(name), std::move(mdp), std::move(eye), horizon);
  }

  const std::string& name() const { return name_; }
  const tabular::FiniteMdp& mdp() const { return parts_->mdp; }
  const std::vector<float>& observations() const { return parts_->observations; }
  const float* observation(std::int64_t state) const { return observations().data() + state * observation_size(); }
  std::int64_t observation_size() const { return static_cast<std::int64_t>(observations().size()) / mdp().states(); }
  std::int64_t action_size() const { return mdp().actions(); }
  int default_horizon() const { return horizon_; }
  TabularEnvironment make(std::int64_t count, int horizon, std::uint64_t seed) const;

 private:
  struct Parts {
    tabular::FiniteMdp mdp;
    std::vector<float> observations;
  };
  std::string name_;
  int horizon_;
  std::shared_ptr<const Parts> parts_;
};

/// Copies of a `TabularTask`, simulated.  A copy that has reached a terminal state stays there, with reward 0 and its
/// end mark set, until `reset`.
class TabularEnvironment {
 public:
  using space = Discrete;
  using action_type = std::int64_t;

  TabularEnvironment(TabularTask task, std::int64_t count, int horizon, std::uint64_t seed)
      : task_(std::move(task)), horizon_(horizon) {
    if (count < 1 || horizon < 1)
      throw Error(task_.name() + ": " + std::to_string(count) + " copies with horizon " + std::to_string(horizon) +
                  "; both must be at least 1");
    states_.resize(static_cast<std::size_t>(count));
    observations_.resize(states_.size() * width());
    reset(seed);
  }

  std::int64_t count() const { return static_cast<std::int64_t>(states_.size()); }
  int horizon() const { return horizon_; }
  const float* observations() const { return observations_.data(); }
  const std::vector<std::int64_t>& states() const { return states_; }

  /// Starts every copy anew; what copy i goes through is drawn with (seed, i).
  void reset(std::uint64_t seed) {
    randoms_.clear();
    for (std::size_t i = 0; i < states_.size(); ++i) {
      randoms_.emplace_back(seed, i);
      place(i, tabular::drawn_from(task_.mdp().start(), randoms_[i].uniform()));
    }
  }

  /// Puts copy i into a state.
  void place(std::size_t i, std::int64_t state) {
    states_[i] = state;
    const float* const seen = task_.observation(state);
    std::copy(seen, seen + width(), observations_.begin() + static_cast<std::ptrdiff_t>(i * width()));
  }

  /// One step: (count) actions in, (count) rewards and end marks out.
  void step(const std::int64_t* actions, float* rewards, std::uint8_t* terminated) {
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

 private:
  std::size_t width() const { return static_cast<std::size_t>(task_.observation_size()); }

  // The outcome whose share of [0, 1) holds u; the last one, where rounding leaves a rest.
  std::pair<std::int64_t, double> outcome(std::int64_t state, std::int64_t action, double u) const {
    std::pair<std::int64_t, double> found{state, 0.0};
    bool passed = false;
    task_.mdp().each_outcome(state, action, [&](std::int64_t after, double probability, double reward) {
      if (passed) return;
      found = {after, reward};
      passed = (u -= probability) < 0;
    });
    return found;
  }

  TabularTask task_;
  int horizon_;
  std::vector<std::int64_t> states_;
  std::vector<Random> randoms_;
  std::vector<float> observations_;
};

inline TabularEnvironment TabularTask::make(std::int64_t count, int horizon, std::uint64_t seed) const {
  return TabularEnvironment(*this, count, horizon, seed);
}

static_assert(Simulation<TabularEnvironment> && Task<TabularTask>);
}  // namespace tessera
