#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tessera/compose/learner.hpp>
#include <tessera/critic/fixed_policy_backup.hpp>
#include <tessera/data/fixed_policy_transitions.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/policy/fixed_policy.hpp>
#include <tessera/select/no_selection.hpp>
#include <tessera/train/logged_steps.hpp>
#include <tessera/train/target_policy.hpp>

namespace tessera {
namespace recipes {
struct FqeDefaults : no_parameters<role::default_values> {
  // Target networks that follow at a rate p are behind by 1 / (p (1 - gamma)) updates: at 0.1 by a thousand, at 0.02,
  // with a discount of 0.99, by five.  A smaller learning rate leaves errors that the backups add up over a hundred
  // steps (examples/MEASURED.md).
  static void on(CriticParams& h) {
    h.net.layer_norm = true, h.members = 2, h.polyak = 0.1, h.adam.learning_rate = 1e-3;
  }
};
/// Fitted Q evaluation (Le, Voloshin, Yue 2019): the value of a policy that is fixed, one type for all policies, of
/// which the batches hold the actions.
/// Differs from the paper: networks follow by Polyak averaging in place of a regression to the end for each backup;
/// layer normalization, and values clipped to what the rewards allow, against errors where the data lack an action.
struct Fqe : recipe<policy<FixedActions>, critic<FixedPolicyBackup>, data<FixedPolicyTransitions>,
                    tessera::select<NoSelection>, defaults<FqeDefaults>> {};
struct DiscreteFqe : Fqe::with<policy<FixedProbabilities>> {};
}  // namespace recipes
using Fqe = learner<recipes::Fqe>;
using DiscreteFqe = learner<recipes::DiscreteFqe>;

namespace ope {
struct ValueOptions {
  double discount = 0.99;         ///< gamma, in [0, 1]
  std::int64_t updates = 20'000;  ///< on batches of `batch` transitions
  std::int64_t batch = 256;
  std::int64_t members = 2;  ///< networks, whose mean is the value; they differ in their initial numbers
  std::int64_t draws = 8;    ///< K, actions drawn from a policy that draws, at each state
  std::vector<std::int64_t> hidden = {256, 256};
  std::uint64_t seed = 0;
  std::function<bool(std::int64_t updates)> after_update{};  ///< false stops
  std::vector<std::int64_t> transitions{};  ///< those that are learned from, each as often as it is listed; empty: all
};

/// The value of a policy that is fixed, learned from a log: Q(s, a), and V(s) = E_{a ~ pi} Q(s, a), of the discounted
/// return from there on, in the task's rewards.  Rewards are scaled for learning by what the log returns; observations
/// are standardized.
class PolicyValue {
 public:
  /// Reads from the log what learning needs; throws an Error where the two do not fit, or the value would not be
  /// finite: with a discount of 1 where the log has episodes that were truncated.
  PolicyValue(const Dataset& data, TargetPolicy policy, ValueOptions options = {});
  PolicyValue(PolicyValue&&) noexcept;
  PolicyValue& operator=(PolicyValue&&) noexcept;
  ~PolicyValue();

  /// Makes all updates; returns false where `after_update` has stopped it.
  bool fit();
  /// Makes so many updates more.
  bool fit(std::int64_t updates);
  std::int64_t updates() const;
  /// Says that the policy has changed, as one does that is being trained: what it does at the next states of the data,
  /// the same as before, is asked anew, and updates go on from the networks as they are.  Throws an Error where its
  /// actions have no limits that are known (`TargetPolicy::action_low`).
  void follow(const Dataset& data);

  /// Q(s, a) of the mean of the members, (B); observations and actions in the task's units.
  at::Tensor q(const at::Tensor& observations, const at::Tensor& actions);
  /// V(s), (B): of discrete actions the exact sum, else the mean over K draws, or at the policy's action.
  at::Tensor v(const at::Tensor& observations);
  /// The same of each member, (N, B).
  at::Tensor member_values(const at::Tensor& observations);

  /// What is learned in: Fqe or DiscreteFqe; calls f(name, tensor or number) for all that a checkpoint must hold.
  void each_buffer(const std::function<void(const std::string&, at::Tensor&)>& tensors,
                   const std::function<void(const std::string&, std::int64_t&)>& numbers);
  double discount() const;
  const TargetPolicy& policy() const;

 private:
  struct Impl;
  template <class L>
  struct ImplOf;
  std::unique_ptr<Impl> impl_;
};

/// The value of a learner's policy, learned from a log:  tessera::ope::PolicyValue v = tessera::ope::fit_value(data,
/// tessera::ope::target_policy(agent)).
PolicyValue fit_value(const Dataset& data, TargetPolicy policy, ValueOptions options = {});

/// Without truncation, or with a discount below 1, a value is finite.
bool value_is_finite(const Dataset& data, double discount);

namespace detail {
/// 1 / the root mean square of the log's discounted returns from each step on; 1, where all are 0.
double value_scale(const Dataset& data, double discount);
}  // namespace detail
}  // namespace ope
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/fitted_q.impl.hpp>
#endif
