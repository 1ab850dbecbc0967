#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/tabular/maximum_likelihood.hpp>

namespace tessera::tabular {
TESSERA_INLINE Table Counted::behavior() const {
  Table b = counts;
  for (Eigen::Index s = 0; s < b.rows(); ++s)
    if (const double n = b.row(s).sum(); n > 0) b.row(s) /= n;
    else b.row(s).setConstant(1 / double(b.cols()));
  return b;
}

TESSERA_INLINE Counted maximum_likelihood(std::int64_t states, std::int64_t actions, const std::vector<Step>& steps,
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
