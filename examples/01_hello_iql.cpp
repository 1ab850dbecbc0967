// Implicit Q-learning from logged data to an evaluated policy, in a quarter of a minute on one core.
#include <cstdio>

#include <tessera/algorithms/iql.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>

int main() {
  const auto data = tessera::load_dataset("builtin:pendulum-medium");  // or an HDF5 file of D4RL or d3rlpy

  tessera::Iql::params p;  // the paper's defaults
  p.actor.beta = 3.0;      // a misspelled name does not compile
  p.value.tau = 0.7;

  tessera::Iql agent(data, p, {.seed = 0});
  tessera::train(agent, data, {.updates = 4000});

  const double logged = tessera::summarize(data).episode_return.mean;
  const auto result = tessera::evaluate<tessera::Pendulum>(agent, {.episodes = 100});
  std::printf("return: %.0f in the data, %.0f +- %.0f of the policy\n", logged, result.mean(), result.std());
  return result.mean() > logged ? 0 : 1;
}
