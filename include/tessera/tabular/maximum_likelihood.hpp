#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// One logged step among numbered states; `ended`: the task was over in `next`.
struct Step {
  std::int64_t state, action, next;
  double reward;
  bool ended;
};

/// What logged steps say of a problem.
struct Counted {
  FiniteMdp model;  ///< of greatest likelihood
  Table counts;     ///< how often each pair was seen, (S, A)

  /// The behaviour's probabilities, n(s, a) / n(s); uniform where nothing was seen.
  Table behaviour() const {
    Table b = counts;
    for (Eigen::Index s = 0; s < b.rows(); ++s)
      if (const double n = b.row(s).sum(); n > 0) b.row(s) /= n;
      else b.row(s).setConstant(1 / double(b.cols()));
    return b;
  }
};

/// The model of greatest likelihood:
///   P(s' | s, a) = n(s, a, s') / n(s, a),   r(s, a, s') = the mean reward,   start = how often episodes began in s.
/// States that steps ended in are terminal.  A pair that was never seen ends the episode without reward: methods that
/// stay in the data never ask for it.  `starts` are the first states of the episodes.
inline Counted maximum_likelihood(std::int64_t states, std::int64_t actions, const std::vector<Step>& steps,
                                  const std::vector<std::int64_t>& starts, double discount) {
  if (steps.empty() || starts.empty()) throw Error("a model of no steps: give at least one episode");
  MdpParts parts{.states = states, .actions = actions, .discount = discount, .a_pair_without_outcomes_ends = true};
  const auto require = [](const char* what, std::int64_t index, std::int64_t count) {
    if (index < 0 || index >= count)
      throw Error(std::string("a logged step: ") + what + " " + std::to_string(index) + " does not exist; there are " +
                  std::to_string(count));
  };
  Table counts = Table::Zero(states, actions);
  std::vector<std::uint8_t> over(static_cast<std::size_t>(states), 0);
  for (const auto& step : steps) {
    require("state", step.state, states);
    require("action", step.action, actions);
    require("next state", step.next, states);
    counts(step.state, step.action) += 1;
    if (step.ended) over[static_cast<std::size_t>(step.next)] = 1;
  }
  for (const auto& step : steps)
    parts.outcomes.push_back({step.state, step.action, step.next, 1 / counts(step.state, step.action), step.reward});
  for (std::int64_t s = 0; s < states; ++s)
    if (over[static_cast<std::size_t>(s)] != 0) parts.terminal.push_back(s);
  parts.start.assign(static_cast<std::size_t>(states), 0.0);
  for (const auto s : starts) {
    require("first state", s, states);
    parts.start[static_cast<std::size_t>(s)] += 1 / double(starts.size());
  }
  return {FiniteMdp(std::move(parts)), std::move(counts)};
}
}  // namespace tessera::tabular
