#pragma once
// A learned controller behind plain functions.  Nothing from Tessera is mentioned here, so that a file that includes
// this header compiles quickly.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// Logged steps, one row per step, episodes one after another, matrices row by row.
struct Log {
  std::int64_t observation_size = 0, action_size = 0;
  std::vector<float> observations, next_observations;  ///< (rows, observation_size)
  std::vector<float> actions;                          ///< (rows, action_size)
  std::vector<float> rewards;                          ///< (rows)
  std::vector<std::uint8_t> terminals,
      timeouts;  ///< (rows) 1: the task ended with this step; 1: the episode was cut after this step
  std::vector<float> action_low, action_high;  ///< (action_size) what the plant accepts
};

/// Learns from the log and saves the policy.  Throws std::exception, with a one-line message, if the log cannot be
/// learned from.
void learn(const Log& log, std::int64_t updates, const std::string& file);

/// A saved policy.
class Controller {
 public:
  explicit Controller(const std::string& file);
  ~Controller();
  /// The action for an observation, both in the plant's own units.  One thread at a time.
  std::vector<float> act(std::span<const float> observation);

 private:
  struct Learner;
  std::unique_ptr<Learner> learner_;
};
