#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/train/target_policy.hpp>

namespace tessera::ope {
struct BehaviorOptions {
  std::int64_t updates = 5'000;  ///< of each of the two models; no more than 50 passes over its episodes
  std::int64_t batch = 256;
  std::uint64_t seed = 0;
  at::Device device = at::kCPU;
  std::function<bool()> keep_going{};  ///< asked after every update; false stops
};

/// log b(a_t|s_t) of the logged actions, from the propensities that were logged with them.  Throws an Error where one
/// is not above 0.
std::vector<double> logged_log_propensities(const Dataset& data);

/// A model of the behavior, for logs without propensities.  The episodes are parted in two halves; a model is fitted to
/// each by maximum likelihood, and speaks of the other (cross-fitting), since of what it has learned from it would be
/// too sure.  Continuous actions: a Gaussian whose mean and std depend on the state; discrete ones: a softmax.  Of one
/// episode alone its two halves are taken.  The data outlive it.
class BehaviorModel {
 public:
  /// Fits it.  Throws an Error where there are fewer than two transitions.
  explicit BehaviorModel(const Dataset& data, BehaviorOptions options = {});

  /// Whether fitting was not stopped.
  bool complete() const { return complete_; }
  /// log b(a|s) of each transition's logged action.
  std::vector<double> log_propensities() const;
  /// log b(pi(s)|s): of the policy's action at each of these transitions' states.
  std::vector<double> log_propensities(const TargetPolicy& policy, const std::vector<std::int64_t>& transitions) const;

 private:
  using log_prob_of = std::function<at::Tensor(const at::Tensor& observations, const at::Tensor& actions)>;

  const Dataset& data_;
  at::Device device_;
  std::vector<std::uint8_t> half_;  // of each transition: whose model speaks of it
  std::array<log_prob_of, 2> models_;
  bool complete_ = true;
};

/// Where a policy does what the log hardly has: the share of some of a log's states.  An action is rare where b(a|s) is
/// below 1 %, of discrete ones, or where its density is below that of 99 % of the logged actions.
double rare_share(const Dataset& data, const BehaviorModel& behavior, const TargetPolicy& policy,
                  std::int64_t most_states = 10'000);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/train/behavior_model.impl.hpp>
#endif
