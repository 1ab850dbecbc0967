#pragma once
#include <cstdint>
#include <vector>

#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// One logged step among numbered states; `ended`: the task was over in `next`.
struct Step {
  std::int64_t state, action, next;
  double reward;
  bool ended;
};

/// The estimate of a problem from logged steps.
struct Counted {
  FiniteMdp model;  ///< of maximum likelihood
  Table counts;     ///< how often each pair was seen, (S, A)

  /// The behavior's probabilities, n(s, a) / n(s); uniform where nothing was seen.
  Table behavior() const;
};

/// The model of maximum likelihood:
///   P(s' | s, a) = n(s, a, s') / n(s, a),   r(s, a, s') = the mean reward,   start = how often episodes began in s.
/// States that steps ended in are terminal.  A pair that was never seen ends the episode without reward: methods that
/// stay in the data never ask for it.  `starts` are the first states of the episodes.
Counted maximum_likelihood(std::int64_t states, std::int64_t actions, const std::vector<Step>& steps,
                           const std::vector<std::int64_t>& starts, double discount);
}  // namespace tessera::tabular

#ifndef TESSERA_COMPILED
#include <tessera/tabular/maximum_likelihood.impl.hpp>
#endif
