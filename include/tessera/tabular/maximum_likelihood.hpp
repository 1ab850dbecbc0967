#pragma once
#include <cstdint>
#include <vector>

#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// One logged step among numbered states; `ended`: `next` is terminal.
struct Step {
  std::int64_t state, action, next;
  double reward;
  bool ended;
};

/// A problem estimated from logged steps.
struct Counted {
  FiniteMdp model;  ///< the maximum-likelihood estimate
  Table counts;     ///< how often each pair was seen, (S, A)

  /// The behavior policy's probabilities, n(s, a) / n(s); uniform in states that were never seen.
  Table behavior() const;
};

/// The maximum-likelihood model:
///   P(s' | s, a) = n(s, a, s') / n(s, a),   r(s, a, s') = the mean reward,   start = how often episodes began in s.
/// States in which steps ended are terminal.  A pair that was never seen ends the episode with reward 0: in-sample
/// methods never ask for it.  `starts` are the initial states of the episodes.
Counted maximum_likelihood(std::int64_t states, std::int64_t actions, const std::vector<Step>& steps,
                           const std::vector<std::int64_t>& starts, double discount);
}  // namespace tessera::tabular

#ifndef TESSERA_COMPILED
#include <tessera/tabular/maximum_likelihood.impl.hpp>
#endif
