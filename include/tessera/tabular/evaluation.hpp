#pragma once
#include <Eigen/LU>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// Q(s, a) = r(s, a) + discount sum_s' P(s' | s, a) V(s'), (S, A); 0 in terminal states.
/// V counts as 0 in terminal states, whatever `v` holds there.
Table action_values(const FiniteMdp& mdp, const Vector& v);

namespace detail {
/// P_pi(s, s') = sum_a pi(a | s) P(s' | s, a) among the nonterminal states, dense, in their order.
Eigen::MatrixXd transient(const FiniteMdp& mdp, const Table& policy, const std::vector<std::int64_t>& position,
                          std::int64_t count);
}  // namespace detail

/// Policy evaluation by linear equations: exact up to rounding, and with discount 1 too if every episode ends.  Dense,
/// O(S^3): for up to a few thousand states.
///   values     (I - discount P_pi) v = x
///   visits     (I - discount P_pi)^T d = start
class PolicyEquations {
 public:
  /// Uses the problem's discount, or another one.
  PolicyEquations(const FiniteMdp& mdp, const Table& policy) : PolicyEquations(mdp, policy, mdp.discount()) {}
  PolicyEquations(const FiniteMdp& mdp, const Table& policy, double discount);

  /// v(s) = E_pi[sum_t discount^t x(s_t)] from s_0 = s, (S); 0 in terminal states.
  Vector values(const Vector& x) const;
  /// d(s) = sum_t discount^t Pr(s_t = s) from s_0 ~ start, (S); 0 in terminal states.
  Vector visits(const Vector& start) const;

 private:
  static std::size_t size(const FiniteMdp& mdp) { return static_cast<std::size_t>(mdp.states()); }

  Vector gathered(const Vector& x) const;
  Vector spread(const Vector& some, Eigen::Index count) const;

  // With discount 1, a state from which no terminal state can be reached makes the equations singular.
  void require_an_end(const Eigen::MatrixXd& p) const;

  std::vector<std::int64_t> position_;  // of a state among the nonterminal ones; -1 for a terminal one
  std::vector<std::int64_t> states_;    // the nonterminal ones
  Eigen::PartialPivLU<Eigen::MatrixXd> factors_;
};

/// V_pi(s), (S): the expected discounted sum of rewards from s.
Vector state_values(const FiniteMdp& mdp, const Table& policy);

/// d(s, a) = sum_t discount^t Pr(s_t = s, a_t = a), (S, A).  Not normalized: with discount below 1 it sums to
/// 1 / (1 - discount) where no episode ends.
Table occupancy(const FiniteMdp& mdp, const Table& policy);

/// sum_s start(s) V_pi(s).
double expected_return(const FiniteMdp& mdp, const Table& policy);

/// The mean number of steps of an episode, undiscounted.
double expected_length(const FiniteMdp& mdp, const Table& policy);
}  // namespace tessera::tabular

#ifndef TESSERA_COMPILED
#include <tessera/tabular/evaluation.impl.hpp>
#endif
