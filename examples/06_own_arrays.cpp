// From a program's own arrays to a policy: a log of an operator controlling a tank, and the policy learned from it.
#include <cstdio>

#include <tessera/algorithms/iql.hpp>
#include <tessera/dataset/findings.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/dataset/suit.hpp>
#include <tessera/io/from_arrays.hpp>
#include <tessera/torch.hpp>

#include "tank_log.hpp"

int main() try {
  const TankLog log = operators_log();  // std::vectors, one row per step
  const auto data = tessera::dataset_from_arrays(
      {.name = "tank",
       .observation_size = 3,
       .action_size = 1,
       .observations = log.seen,
       .next_observations = log.seen_next,
       .actions = log.valve,
       .rewards = log.reward,
       .terminals = log.ended,
       .timeouts = log.cut,
       .action_low = {0},   // what the valve can do,
       .action_high = {1},  // not what the operator did with it
       .spaces = {.observation_names = {"level", "set point", "outflow"}, .action_names = {"valve"}}});
  const auto s = tessera::summarize(data);
  const double ended = s.terminal_fraction * double(s.transitions), cut = s.timeout_fraction * double(s.transitions);
  std::printf("%.0f episodes ended, %.0f were cut; valve seen from %.2f to %.2f\n", ended, cut, s.actions[0].min,
              s.actions[0].max);
  const auto print = [](const tessera::Warning& w) { std::printf("%s: %s\n", w.name.c_str(), w.message.c_str()); };
  for (const auto& w : data.warnings) print(w);            // what was done to the arrays
  for (const auto& w : tessera::findings(data)) print(w);  // what looks wrong in them

  tessera::Iql::params p;
  const auto suited = tessera::suit(data, p.data);  // scaling that suits the data
  for (const auto& c : suited.chosen)
    std::printf("chosen: %s=%s (%s)\n", c.key.c_str(), c.value.c_str(), c.reason.c_str());
  p.data = suited.params;
  p.critic.discount = 0.98;  // looks 1 / (1 - 0.98) = 50 steps ahead

  tessera::Iql agent(data, p, {.seed = 0});
  tessera::train(agent, data, {.updates = 3000});
  const double policy = tessera::evaluate<Tank>(agent, {.episodes = 200}).mean();
  std::printf("return of the operator %.1f, of the policy %.1f\n", s.episode_return.mean, policy);
  return policy > s.episode_return.mean + 10 ? 0 : 1;
} catch (const tessera::Error& e) {
  std::fprintf(stderr, "%s\n", e.what());  // one line: what is wrong, in which column and row, and what to do
  return 2;
}
