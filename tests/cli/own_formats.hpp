#pragma once
// A corridor of cells in which copy i begins at cell i mod 4.  The action 1 goes up a cell, 0 down; each step costs 1,
// and the last cell ends the episode.  Who always goes up has the returns -(n - 1), -(n - 2), -(n - 3), -(n - 4) in a
// corridor of n cells, in turns.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/concepts/environment.hpp>

namespace own {
class Walk {
 public:
  using space = tessera::Discrete;
  using action_type = int;
  Walk(int cells, std::int64_t count, int horizon)
      : cells_(cells), horizon_(horizon), at_(std::size_t(count)), seen_(std::size_t(count)) {
    reset(0);
  }
  std::int64_t count() const { return std::int64_t(at_.size()); }
  int horizon() const { return horizon_; }
  const float* observations() const { return seen_.data(); }
  void reset(std::uint64_t) {
    for (std::size_t i = 0; i < at_.size(); ++i) at_[i] = int(i % 4), seen_[i] = float(at_[i]);
  }
  void step(const int* actions, float* rewards, std::uint8_t* terminated) {
    for (std::size_t i = 0; i < at_.size(); ++i) {
      rewards[i] = at_[i] == cells_ - 1 ? 0.0f : -1.0f;
      if (at_[i] != cells_ - 1) at_[i] = std::max(0, at_[i] + (actions[i] == 1 ? 1 : -1));
      terminated[i] = at_[i] == cells_ - 1;
      seen_[i] = float(at_[i]);
    }
  }

 private:
  int cells_, horizon_;
  std::vector<int> at_;
  std::vector<float> seen_;
};

/// Five cells, as an environment.
struct Corridor : Walk {
  static constexpr const char* name = "corridor";
  static constexpr std::int64_t observation_size = 1, action_size = 2;
  static constexpr int default_horizon = 20;
  Corridor(std::int64_t count, int horizon, std::uint64_t) : Walk(5, count, horizon) {}
};
/// As many as there are, as a task.
struct CorridorTask {
  using space = tessera::Discrete;
  int cells;
  std::string name() const { return "long-corridor"; }
  std::int64_t observation_size() const { return 1; }
  std::int64_t action_size() const { return 2; }
  int default_horizon() const { return 2 * cells; }
  Walk make(std::int64_t count, int horizon, std::uint64_t) const { return {cells, count, horizon}; }
};
}  // namespace own
