#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
#ifdef TESSERA_COMPILED
template <int bytes>
void detail::eigen_alignment_of_the_library() {}
template void detail::eigen_alignment_of_the_library<EIGEN_MAX_ALIGN_BYTES>();
#endif

TESSERA_INLINE FiniteMdp::FiniteMdp(MdpParts parts) : actions_(parts.actions), discount_(parts.discount) {
  if (parts.states < 1 || parts.actions < 1)
    throw Error("an MDP of " + std::to_string(parts.states) + " states and " + std::to_string(parts.actions) +
                " actions; both must be at least 1");
  if (!(discount_ >= 0 && discount_ <= 1))
    throw Error("an MDP with discount " + std::to_string(discount_) + "; it must lie in [0, 1]");
  set_start(parts);
  terminal_.assign(static_cast<std::size_t>(parts.states), 0);
  for (const auto s : parts.terminal) {
    require_index("terminal state", s, parts.states);
    terminal_[static_cast<std::size_t>(s)] = 1;
  }
  set_outcomes(parts);
}

TESSERA_INLINE FiniteMdp FiniteMdp::with_discount(double discount) const {
  if (!(discount >= 0 && discount <= 1))
    throw Error("an MDP with discount " + std::to_string(discount) + "; it must lie in [0, 1]");
  FiniteMdp other = *this;
  other.discount_ = discount;
  return other;
}

TESSERA_INLINE FiniteMdp FiniteMdp::with_rewards(const Table& rewards) const {
  if (rewards.rows() != states() || rewards.cols() != actions_)
    throw Error("rewards of shape (" + std::to_string(rewards.rows()) + ", " + std::to_string(rewards.cols()) +
                ") for an MDP of (" + std::to_string(states()) + ", " + std::to_string(actions_) + ")");
  FiniteMdp other = *this;
  for (std::int64_t i = 0; i < transitions_.rows(); ++i)
    for (auto k = transitions_.outerIndexPtr()[i]; k < transitions_.outerIndexPtr()[i + 1]; ++k)
      other.outcome_rewards_[static_cast<std::size_t>(k)] = rewards.data()[i];
  for (std::int64_t s = 0; s < states(); ++s)
    if (!terminal(s)) other.rewards_.row(s) = rewards.row(s);
  return other;
}

TESSERA_INLINE void FiniteMdp::require_index(const std::string& what, std::int64_t index, std::int64_t count) {
  if (index < 0 || index >= count)
    throw Error("an MDP: " + what + " " + std::to_string(index) + " does not exist; there are " +
                std::to_string(count));
}

TESSERA_INLINE void FiniteMdp::set_start(const MdpParts& parts) {
  if (static_cast<std::int64_t>(parts.start.size()) != parts.states)
    throw Error("an MDP: " + std::to_string(parts.start.size()) + " start probabilities for " +
                std::to_string(parts.states) + " states");
  start_ = Eigen::Map<const Vector>(parts.start.data(), parts.states);
  if (!start_.allFinite() || start_.minCoeff() < 0 || std::abs(start_.sum() - 1) > sum_tolerance)
    throw Error("an MDP: the start probabilities sum to " + std::to_string(start_.sum()) + " with a smallest one of " +
                std::to_string(start_.minCoeff()) + "; they must be a distribution");
  start_ /= start_.sum();
}

TESSERA_INLINE void FiniteMdp::check(const Outcome& o, const MdpParts& parts) {
  require_index("state", o.state, parts.states);
  require_index("action", o.action, parts.actions);
  require_index("next state", o.next, parts.states);
  const auto where = "an MDP, state " + std::to_string(o.state) + ", action " + std::to_string(o.action) +
                     ", next state " + std::to_string(o.next) + ": ";
  if (!std::isfinite(o.probability) || o.probability < 0)
    throw Error(where + "probability " + std::to_string(o.probability) + "; it must be a number from 0");
  if (!std::isfinite(o.reward)) throw Error(where + "the reward is not a finite number");
}

TESSERA_INLINE void FiniteMdp::set_outcomes(MdpParts& parts) {
  const auto pairs = parts.states * parts.actions;
  auto& outcomes = parts.outcomes;
  for (const auto& o : outcomes) check(o, parts);
  std::erase_if(outcomes, [&](const Outcome& o) { return o.probability == 0 || terminal(o.state); });
  const auto key = [](const Outcome& o) { return std::tuple(o.state, o.action, o.next); };
  const auto before = [&](const Outcome& a, const Outcome& b) { return key(a) < key(b); };
  if (!std::is_sorted(outcomes.begin(), outcomes.end(), before))
    std::stable_sort(outcomes.begin(), outcomes.end(), before);

  transitions_.resize(pairs, parts.states);
  transitions_.reserve(static_cast<Eigen::Index>(outcomes.size()));
  rewards_ = Table::Zero(parts.states, actions_);
  std::size_t i = 0;
  for (std::int64_t s = 0; s < parts.states; ++s)
    for (std::int64_t a = 0; a < actions_; ++a) {
      const std::size_t first = i;
      double sum = 0;
      for (; i < outcomes.size() && outcomes[i].state == s && outcomes[i].action == a; ++i)
        sum += outcomes[i].probability;
      if (!terminal(s) && !(i == first && parts.a_pair_without_outcomes_ends) && std::abs(sum - 1) > sum_tolerance)
        throw Error("an MDP, state " + std::to_string(s) + ", action " + std::to_string(a) +
                    ": the probabilities sum to " + std::to_string(sum) + ", not 1");
      transitions_.startVec(row(s, a));
      for (std::size_t k = first; k < i;) k = insert(outcomes, k, i, sum);
    }
  transitions_.finalize();
}

TESSERA_INLINE std::size_t FiniteMdp::insert(const std::vector<Outcome>& outcomes, std::size_t k, std::size_t end,
                                             double sum) {
  const Outcome& o = outcomes[k];
  double probability = 0, reward = 0;
  for (; k < end && outcomes[k].next == o.next; ++k) {
    probability += outcomes[k].probability / sum;
    reward += outcomes[k].probability / sum * outcomes[k].reward;
  }
  transitions_.insertBack(row(o.state, o.action), o.next) = probability;
  outcome_rewards_.push_back(reward / probability);
  rewards_(o.state, o.action) += reward;
  return k;
}
}  // namespace tessera::tabular

namespace tessera::tabular::detail {
TESSERA_INLINE std::vector<std::int64_t> absorbing(const MdpParts& parts) {
  std::vector<double> kept(static_cast<std::size_t>(parts.states), 0.0);
  for (const auto& o : parts.outcomes) {
    auto& mass = kept[static_cast<std::size_t>(o.state)];
    if (o.next != o.state || o.reward != 0) mass = -1e9;
    else mass += o.probability;
  }
  std::vector<std::int64_t> found;
  for (std::int64_t s = 0; s < parts.states; ++s)
    if (kept[static_cast<std::size_t>(s)] > double(parts.actions) * (1 - FiniteMdp::sum_tolerance)) found.push_back(s);
  return found;
}
}  // namespace tessera::tabular::detail

namespace tessera::tabular {
TESSERA_INLINE FiniteMdp make_mdp(const MdpArrays& from) {
  const auto size = [](const std::vector<double>& v) { return static_cast<std::int64_t>(v.size()); };
  const auto pairs = from.states * from.actions, all = pairs * from.states;
  if (size(from.transitions) != all)
    throw Error("an MDP: " + std::to_string(size(from.transitions)) + " transition probabilities, where " +
                std::to_string(from.states) + " states and " + std::to_string(from.actions) + " actions take " +
                std::to_string(all));
  if (size(from.rewards) != all && size(from.rewards) != pairs)
    throw Error("an MDP: " + std::to_string(size(from.rewards)) + " rewards; r(s, a, s') are " + std::to_string(all) +
                " and r(s, a) are " + std::to_string(pairs));
  MdpParts parts{.states = from.states, .actions = from.actions, .start = from.start, .discount = from.discount};
  const bool by_next = size(from.rewards) == all;
  for (std::int64_t i = 0; i < all; ++i) {
    const double probability = from.transitions[static_cast<std::size_t>(i)];
    if (probability == 0) continue;
    const auto pair = i / from.states;
    parts.outcomes.push_back({pair / from.actions, pair % from.actions, i % from.states, probability,
                              from.rewards[static_cast<std::size_t>(by_next ? i : pair)]});
  }
  parts.terminal = from.terminal ? *from.terminal : detail::absorbing(parts);
  return FiniteMdp(std::move(parts));
}

TESSERA_INLINE Table uniform_policy(const FiniteMdp& mdp) {
  return Table::Constant(mdp.states(), mdp.actions(), 1 / double(mdp.actions()));
}
TESSERA_INLINE Table deterministic_policy(const FiniteMdp& mdp, const std::vector<std::int64_t>& chosen) {
  if (static_cast<std::int64_t>(chosen.size()) != mdp.states())
    throw Error("a policy of " + std::to_string(chosen.size()) + " actions for " + std::to_string(mdp.states()) +
                " states");
  Table policy = Table::Zero(mdp.states(), mdp.actions());
  for (std::int64_t s = 0; s < mdp.states(); ++s) {
    const auto a = chosen[static_cast<std::size_t>(s)];
    if (a < 0 || a >= mdp.actions())
      throw Error("a policy: action " + std::to_string(a) + " in state " + std::to_string(s) + "; actions are 0 to " +
                  std::to_string(mdp.actions() - 1));
    policy(s, a) = 1;
  }
  return policy;
}

TESSERA_INLINE void require_policy(const FiniteMdp& mdp, const Table& policy) {
  if (policy.rows() != mdp.states() || policy.cols() != mdp.actions())
    throw Error("a policy of shape (" + std::to_string(policy.rows()) + ", " + std::to_string(policy.cols()) +
                ") for an MDP of (" + std::to_string(mdp.states()) + ", " + std::to_string(mdp.actions()) + ")");
  for (std::int64_t s = 0; s < mdp.states(); ++s)
    if (!mdp.terminal(s) && (!(policy.row(s).minCoeff() >= 0) || !(std::abs(policy.row(s).sum() - 1) <= 1e-6)))
      throw Error("a policy: the probabilities of state " + std::to_string(s) + " sum to " +
                  std::to_string(policy.row(s).sum()) + " with a smallest one of " +
                  std::to_string(policy.row(s).minCoeff()) + "; they must be a distribution");
}
}  // namespace tessera::tabular
