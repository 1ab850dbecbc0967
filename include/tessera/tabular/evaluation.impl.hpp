#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/tabular/evaluation.hpp>

namespace tessera::tabular {
TESSERA_INLINE Table action_values(const FiniteMdp& mdp, const Vector& v) {
  Vector ahead = v;
  for (std::int64_t s = 0; s < mdp.states(); ++s)
    if (mdp.terminal(s)) ahead[s] = 0;
  const Vector expected = mdp.transitions() * ahead;
  return mdp.rewards() + mdp.discount() * Eigen::Map<const Table>(expected.data(), mdp.states(), mdp.actions());
}
}  // namespace tessera::tabular

namespace tessera::tabular::detail {
TESSERA_INLINE Eigen::MatrixXd transient(const FiniteMdp& mdp, const Table& policy,
                                         const std::vector<std::int64_t>& position, std::int64_t count) {
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
}  // namespace tessera::tabular::detail

namespace tessera::tabular {
TESSERA_INLINE PolicyEquations::PolicyEquations(const FiniteMdp& mdp, const Table& policy, double discount)
    : position_(size(mdp), -1) {
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

TESSERA_INLINE Vector PolicyEquations::values(const Vector& x) const {
  const auto some = gathered(x);
  return spread(some.size() == 0 ? some : Vector(factors_.solve(some)), x.size());
}
TESSERA_INLINE Vector PolicyEquations::visits(const Vector& start) const {
  const auto some = gathered(start);
  return spread(some.size() == 0 ? some : Vector(factors_.transpose().solve(some)), start.size());
}

TESSERA_INLINE Vector PolicyEquations::gathered(const Vector& x) const {
  Vector some(static_cast<Eigen::Index>(states_.size()));
  for (std::size_t i = 0; i < states_.size(); ++i) some[static_cast<Eigen::Index>(i)] = x[states_[i]];
  return some;
}

TESSERA_INLINE Vector PolicyEquations::spread(const Vector& some, Eigen::Index count) const {
  Vector all = Vector::Zero(count);
  for (std::size_t i = 0; i < states_.size(); ++i) all[states_[i]] = some[static_cast<Eigen::Index>(i)];
  return all;
}

TESSERA_INLINE void PolicyEquations::require_an_end(const Eigen::MatrixXd& p) const {
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

TESSERA_INLINE Vector state_values(const FiniteMdp& mdp, const Table& policy) {
  return PolicyEquations(mdp, policy).values(mean_under(policy, mdp.rewards()));
}
TESSERA_INLINE Table occupancy(const FiniteMdp& mdp, const Table& policy) {
  const Vector visits = PolicyEquations(mdp, policy).visits(mdp.start());
  return policy.array().colwise() * visits.array();
}

TESSERA_INLINE double expected_return(const FiniteMdp& mdp, const Table& policy) {
  return mdp.start().dot(state_values(mdp, policy));
}
TESSERA_INLINE double expected_length(const FiniteMdp& mdp, const Table& policy) {
  return PolicyEquations(mdp, policy, 1).visits(mdp.start()).sum();
}
}  // namespace tessera::tabular
