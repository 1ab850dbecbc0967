#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/random.hpp>
#include <tessera/tabular/finite_mdp.hpp>

namespace tessera {
class TabularEnvironment;

/// A finite problem as a task with discrete actions: the MDP, and the observation of each state.  Cheap to copy: copies
/// share both.
class TabularTask {
 public:
  using space = Discrete;

  /// `observations` (states, width) row-major.  `horizon`: the time limit of an evaluation episode, in steps.
  TabularTask(std::string name, tabular::FiniteMdp mdp, std::vector<float> observations, int horizon);
  /// Every state is observed as a one-hot vector: 1 at its index, 0 elsewhere.
  static TabularTask one_hot(std::string name, tabular::FiniteMdp mdp, int horizon);

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

/// Simulated copies of a `TabularTask`.  A copy that has reached a terminal state stays there, with reward 0 and its
/// terminal flag set, until `reset`.
class TabularEnvironment {
 public:
  using space = Discrete;
  using action_type = std::int64_t;

  TabularEnvironment(TabularTask task, std::int64_t count, int horizon, std::uint64_t seed);

  std::int64_t count() const { return static_cast<std::int64_t>(states_.size()); }
  int horizon() const { return horizon_; }
  const float* observations() const { return observations_.data(); }
  const std::vector<std::int64_t>& states() const { return states_; }

  /// Resets every copy; the randomness of copy i is drawn with (seed, i).
  void reset(std::uint64_t seed);

  /// Puts copy i into a state.
  void place(std::size_t i, std::int64_t state);

  /// One step: takes (count) actions, writes (count) rewards and terminal flags.
  void step(const std::int64_t* actions, float* rewards, std::uint8_t* terminated);

 private:
  std::size_t width() const { return static_cast<std::size_t>(task_.observation_size()); }

  // The outcome whose share of [0, 1) contains u; the last one, where rounding leaves a gap.
  std::pair<std::int64_t, double> outcome(std::int64_t state, std::int64_t action, double u) const;

  TabularTask task_;
  int horizon_;
  std::vector<std::int64_t> states_;
  std::vector<Random> randoms_;
  std::vector<float> observations_;
};

static_assert(Simulation<TabularEnvironment> && Task<TabularTask>);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/env/tabular.impl.hpp>
#endif
