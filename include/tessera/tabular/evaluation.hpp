#pragma once
#include <Eigen/LU>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// Q(s, a) = r(s, a) + discount sum_s' P(s' | s, a) V(s'), (S, A); 0 in terminal states.
/// V is taken as 0 in terminal states, whatever it holds there.
inline Table action_values(const FiniteMdp& mdp, const Vector& v) {
  Vector ahead = v;
  for (std::int64_t s = 0; s < mdp.states(); ++s)
    if (mdp.terminal(s)) ahead[s] = 0;
  const Vector expected = mdp.transitions() * ahead;
  return mdp.rewards() + mdp.discount() * Eigen::Map<const Table>(expected.data(), mdp.states(), mdp.actions());
}

namespace detail {
/// P_pi(s, s') = sum_a pi(a | s) P(s' | s, a) among the states that are not terminal, dense, in their order.
inline Eigen::MatrixXd transient(const FiniteMdp& mdp, const Table& policy, const std::vector<std::int64_t>& position,
                                 std::int64_t count) {
  Eigen::MatrixXd p = Eigen::MatrixXd::Zero(count, count);
  for (std::int64_t s = 0; s < mdp.states(); ++s) {
    const auto from = position[static_cast<std::size_t>(s)];
    if (from < 0) continue;
    for (std::int64_t a = 0; a < mdp.actions(); ++a) {
      if (policy(s, a) == 0) continue;
      mdp.each_outcome(s, a, [&](std::int64_t after, double probability, double) {
        const auto to = position[static_cast<std::size_t>(after)];
        if (to >= 0) p(from, to) += policy(s, a) * probability;
      });
    }
  }
  return p;
}
}  // namespace detail

/// What a policy leads to, from linear equations: exact up to rounding, for discount 1 too where every episode
/// ends.  Dense, O(S^3): for some thousand states.
///   values     (I - discount P_pi) v = x
///   visits     (I - discount P_pi)^T d = start
class PolicyEquations {
 public:
  /// With the problem's discount, or another.
  PolicyEquations(const FiniteMdp& mdp, const Table& policy) : PolicyEquations(mdp, policy, mdp.discount()) {}
  PolicyEquations(const FiniteMdp& mdp, const Table& policy, double discount) : position_(size(mdp), -1) {
    require_policy(mdp, policy);
    for (std::int64_t s = 0; s < mdp.states(); ++s)
      if (!mdp.terminal(s)) {
        position_[static_cast<std::size_t>(s)] = static_cast<std::int64_t>(states_.size());
        states_.push_back(s);
      }
    const auto count = static_cast<std::int64_t>(states_.size());
    const auto p = detail::transient(mdp, policy, position_, count);
    if (discount == 1) require_an_end(p);
    if (count > 0) factors_.compute(Eigen::MatrixXd::Identity(count, count) - discount * p);
  }

  /// v(s) = E_pi[sum_t discount^t x(s_t)] from s_0 = s, (S); 0 in terminal states.
  Vector values(const Vector& x) const { return spread(solve<false>(gathered(x)), x.size()); }
  /// d(s) = sum_t discount^t Pr(s_t = s) from s_0 ~ start, (S); 0 in terminal states.
  Vector visits(const Vector& start) const { return spread(solve<true>(gathered(start)), start.size()); }

 private:
  static std::size_t size(const FiniteMdp& mdp) { return static_cast<std::size_t>(mdp.states()); }

  template <bool transposed>
  Vector solve(const Vector& x) const {
    if (x.size() == 0) return x;
    if constexpr (transposed) return factors_.transpose().solve(x);
    else return factors_.solve(x);
  }
  Vector gathered(const Vector& x) const {
    Vector some(static_cast<Eigen::Index>(states_.size()));
    for (std::size_t i = 0; i < states_.size(); ++i) some[static_cast<Eigen::Index>(i)] = x[states_[i]];
    return some;
  }
  Vector spread(const Vector& some, Eigen::Index count) const {
    Vector all = Vector::Zero(count);
    for (std::size_t i = 0; i < states_.size(); ++i) all[states_[i]] = some[static_cast<Eigen::Index>(i)];
    return all;
  }

  // A state from which no end can be reached makes the equations of discount 1 singular.
  void require_an_end(const Eigen::MatrixXd& p) const {
    const auto count = p.rows();
    std::vector<std::uint8_t> ends(static_cast<std::size_t>(count), 0);
    std::vector<Eigen::Index> open;
    const auto mark = [&](Eigen::Index i) {
      if (ends[static_cast<std::size_t>(i)] != 0) return;
      ends[static_cast<std::size_t>(i)] = 1;
      open.push_back(i);
    };
    for (Eigen::Index i = 0; i < count; ++i)
      if (p.row(i).sum() < 1 - 1e-12) mark(i);
    while (!open.empty()) {
      const auto reached = open.back();
      open.pop_back();
      for (Eigen::Index i = 0; i < count; ++i)
        if (p(i, reached) > 0) mark(i);
    }
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (ends[i] == 0)
        throw Error("an MDP with discount 1: under this policy an episode never ends from state " +
                    std::to_string(states_[i]) + "; use a discount below 1");
  }

  std::vector<std::int64_t> position_;  // of a state among those not terminal; -1 for a terminal one
  std::vector<std::int64_t> states_;    // those not terminal
  Eigen::PartialPivLU<Eigen::MatrixXd> factors_;
};

/// V_pi(s), (S): the expected discounted sum of rewards from s.
inline Vector state_values(const FiniteMdp& mdp, const Table& policy) {
  return PolicyEquations(mdp, policy).values(mean_under(policy, mdp.rewards()));
}

/// d(s, a) = sum_t discount^t Pr(s_t = s, a_t = a), (S, A).  Not normalised: with discount below 1 it sums to
/// 1 / (1 - discount) where no episode ends.
inline Table occupancy(const FiniteMdp& mdp, const Table& policy) {
  const Vector visits = PolicyEquations(mdp, policy).visits(mdp.start());
  return policy.array().colwise() * visits.array();
}

/// sum_s start(s) V_pi(s).
inline double expected_return(const FiniteMdp& mdp, const Table& policy) {
  return mdp.start().dot(state_values(mdp, policy));
}

/// The mean number of steps of an episode, without discount.
inline double expected_length(const FiniteMdp& mdp, const Table& policy) {
  return PolicyEquations(mdp, policy, 1).visits(mdp.start()).sum();
}
}  // namespace tessera::tabular
