#pragma once
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <tessera/support/random.hpp>
#include <tessera/tabular/finite_mdp.hpp>

/// Problems that the tests of the tabular layer share.
namespace support {
namespace tabular = tessera::tabular;
using tabular::Table;
using tabular::Vector;

/// The two-state problem: in state 0 action 0 stays and action 1 goes to state 1, in state 1 action 0 stays, for a
/// reward of 1, and action 1 goes to state 0.
inline tabular::FiniteMdp two_states(double discount = 0.9) {
  return tabular::FiniteMdp({.states = 2,
                             .actions = 2,
                             .outcomes = {{0, 0, 0, 1, 0}, {0, 1, 1, 1, 0}, {1, 0, 1, 1, 1}, {1, 1, 0, 1, 0}},
                             .start = {1, 0},
                             .discount = discount});
}
/// Its behavior: action 1 with probability .2 in state 0, .5 in state 1.
inline Table two_states_behavior() {
  Table b(2, 2);
  b << 0.8, 0.2, 0.5, 0.5;
  return b;
}

/// A distribution over `count` outcomes, the same for the same stream.
inline std::vector<double> random_distribution(tessera::Random& random, std::int64_t count) {
  std::vector<double> p;
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += p.emplace_back(0.02 + random.uniform());
  for (double& x : p) x /= sum;
  return p;
}

/// A policy of random probabilities, none of them 0.
inline Table random_policy(tessera::Random& random, std::int64_t states, std::int64_t actions) {
  Table policy(states, actions);
  for (std::int64_t s = 0; s < states; ++s) {
    const auto p = random_distribution(random, actions);
    for (std::int64_t a = 0; a < actions; ++a) policy(s, a) = p[std::size_t(a)];
  }
  return policy;
}

/// 7 states, the last of them terminal, and 4 actions, with random probabilities and rewards r(s, a, s') in [-1, 1].
inline tabular::FiniteMdp random_mdp(std::uint64_t seed, double discount = 0.9) {
  constexpr std::int64_t states = 7, actions = 4;
  tessera::Random random(seed, 1);
  tabular::MdpParts parts{.states = states, .actions = actions, .discount = discount, .terminal = {states - 1}};
  for (std::int64_t s = 0; s + 1 < states; ++s)
    for (std::int64_t a = 0; a < actions; ++a) {
      const auto p = random_distribution(random, states);
      for (std::int64_t z = 0; z < states; ++z)
        parts.outcomes.push_back({s, a, z, p[std::size_t(z)], random.uniform(-1, 1)});
    }
  parts.start = random_distribution(random, states);
  return tabular::FiniteMdp(std::move(parts));
}

/// The same problem, begun in state 0: random_mdp may begin where it is over.
inline tabular::FiniteMdp from_state_0(const tabular::FiniteMdp& mdp) {
  tabular::MdpParts parts{.states = mdp.states(), .actions = mdp.actions(), .discount = mdp.discount()};
  parts.start.assign(std::size_t(mdp.states()), 0.0);
  parts.start[0] = 1;
  for (std::int64_t s = 0; s < mdp.states(); ++s) {
    if (mdp.terminal(s)) parts.terminal.push_back(s);
    for (std::int64_t a = 0; a < mdp.actions(); ++a)
      mdp.each_outcome(s, a, [&](std::int64_t after, double probability, double reward) {
        parts.outcomes.push_back({s, a, after, probability, reward});
      });
  }
  return tabular::FiniteMdp(std::move(parts));
}

/// The largest difference between two tables, or two vectors.
template <class A, class B>
double apart(const A& a, const B& b) {
  return (a - b).cwiseAbs().maxCoeff();
}
}  // namespace support
