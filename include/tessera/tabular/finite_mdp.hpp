#pragma once
#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tessera/support/error.hpp>

/// Problems small enough to be solved exactly: what the learners approximate is computed here, with exact expectations.
namespace tessera::tabular {
using Vector = Eigen::VectorXd;  ///< one number per state, (S)
/// One number per state and action, (S, A); row-major, so that row s*A + a of `transitions` is its element (s, a).
using Table = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

#ifdef TESSERA_COMPILED
namespace detail {
// Eigen allocates memory differently where the compiler's vectors are wider (-mavx, -march=native).  The library
// defines this function only for the alignment that it was compiled with, so that a program compiled with another one
// fails to link.
template <int bytes>
void eigen_alignment_of_the_library();
inline const bool same_eigen_alignment = (eigen_alignment_of_the_library<EIGEN_MAX_ALIGN_BYTES>(), true);
}  // namespace detail
#endif

/// One possible outcome of a step: from `state` by `action` to `next`, with this probability and reward.
struct Outcome {
  std::int64_t state, action, next;
  double probability, reward;
};

/// The ingredients of a problem.
struct MdpParts {
  std::int64_t states = 0, actions = 0;
  std::vector<Outcome> outcomes{};            ///< in any order; two with equal (state, action, next) are merged
  std::vector<double> start{};                ///< (states): probabilities of the first state
  double discount = 1;                        ///< in [0, 1]
  std::vector<std::int64_t> terminal{};       ///< states in which an episode is over
  bool a_pair_without_outcomes_ends = false;  ///< such a pair ends the episode with reward 0; otherwise an `Error`
};

/// A Markov decision process of S states and A actions with known probabilities.
///   transitions  P(s' | s, a), sparse, (S*A, S): row s*A + a
///   rewards      r(s, a) = sum_s' P(s' | s, a) r(s, a, s'), (S, A)
/// Nothing leads out of a terminal state, and its value is 0.
class FiniteMdp {
 public:
  using Transitions = Eigen::SparseMatrix<double, Eigen::RowMajor>;
  /// The probabilities of one (s, a) may sum to 1 with this error, as in float32 files; they are divided by their sum.
  static constexpr double sum_tolerance = 1e-5;

  explicit FiniteMdp(MdpParts parts);

  std::int64_t states() const { return start_.size(); }
  std::int64_t actions() const { return actions_; }
  double discount() const { return discount_; }
  const Transitions& transitions() const { return transitions_; }
  const Table& rewards() const { return rewards_; }
  const Vector& start() const { return start_; }
  bool terminal(std::int64_t s) const { return terminal_[static_cast<std::size_t>(s)] != 0; }
  std::int64_t row(std::int64_t s, std::int64_t a) const { return s * actions_ + a; }

  /// Calls f(s', P(s' | s, a), r(s, a, s')) for every outcome of (s, a), in increasing order of s'.
  template <class F>
  void each_outcome(std::int64_t s, std::int64_t a, F&& f) const {
    const auto* const first = transitions_.outerIndexPtr() + row(s, a);
    for (auto k = first[0]; k < first[1]; ++k)
      f(std::int64_t{transitions_.innerIndexPtr()[k]}, transitions_.valuePtr()[k],
        outcome_rewards_[static_cast<std::size_t>(k)]);
  }

  /// The same problem with another discount.
  FiniteMdp with_discount(double discount) const;

  /// The same problem with rewards r(s, a), (S, A), independent of s'.
  FiniteMdp with_rewards(const Table& rewards) const;

 private:
  static void require_index(const std::string& what, std::int64_t index, std::int64_t count);

  void set_start(const MdpParts& parts);

  static void check(const Outcome& o, const MdpParts& parts);

  void set_outcomes(MdpParts& parts);

  // Inserts outcome k into its row, merged with those up to `end` that lead to the same state; returns the index after
  // them.
  std::size_t insert(const std::vector<Outcome>& outcomes, std::size_t k, std::size_t end, double sum);

  std::int64_t actions_;
  double discount_;
  Vector start_;
  std::vector<std::uint8_t> terminal_;
  Transitions transitions_;
  std::vector<double> outcome_rewards_;  // in the order of the values of transitions_
  Table rewards_;
};

/// A problem as row-major arrays, as in a file or a test.
struct MdpArrays {
  std::int64_t states = 0, actions = 0;
  std::vector<double> transitions{};  ///< P(s' | s, a), (S, A, S)
  std::vector<double> rewards{};      ///< r(s, a, s'), (S, A, S), or r(s, a), (S, A)
  std::vector<double> start{};        ///< (S)
  double discount = 1;
  /// The terminal states.  If not given: the states that every action keeps, with reward 0.
  std::optional<std::vector<std::int64_t>> terminal{};
};

namespace detail {
/// The states that every action keeps, with reward 0.
std::vector<std::int64_t> absorbing(const MdpParts& parts);
}  // namespace detail

/// A problem from arrays; only nonzero entries are stored.
FiniteMdp make_mdp(const MdpArrays& from);

/// sum_a pi(a | s) x(s, a), (S).
inline Vector mean_under(const Table& policy, const Table& x) { return policy.cwiseProduct(x).rowwise().sum(); }

/// The index in the probabilities p whose share of [0, 1) contains u; the last one with positive probability, where
/// rounding leaves a gap.
template <class Probabilities>
std::int64_t drawn_from(const Probabilities& p, double u) {
  std::int64_t last = 0;
  for (std::int64_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0) continue;
    last = i;
    if ((u -= p[i]) < 0) break;
  }
  return last;
}

/// Every action with equal probability.
Table uniform_policy(const FiniteMdp& mdp);

/// One action for each state, as a table of probabilities.
Table deterministic_policy(const FiniteMdp& mdp, const std::vector<std::int64_t>& chosen);

/// Throws `Error` unless `policy` has the problem's shape and is a distribution in every nonterminal state.
void require_policy(const FiniteMdp& mdp, const Table& policy);
}  // namespace tessera::tabular

#ifndef TESSERA_COMPILED
#include <tessera/tabular/finite_mdp.impl.hpp>
#endif
