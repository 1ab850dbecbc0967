// Implicit Q-learning from logged data to an evaluated policy.
#include <cstdio>

#include <tessera/algorithms/iql.hpp>
#include <tessera/data/load.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/torch.hpp>

int main() {
  const auto data = tessera::load_dataset("builtin:pendulum-random");  // or an HDF5 file of D4RL or d3rlpy

  tessera::Iql::params p;  // the paper's defaults
  p.actor.beta = 3.0;      // a misspelt name does not compile
  p.value.tau = 0.7;

  tessera::Iql agent(data, p, {.seed = 0});
  tessera::train(agent, data, {.updates = 500});

  const auto result = tessera::evaluate<tessera::Pendulum>(agent, {.episodes = 20});
  std::printf("return %.0f +- %.0f\n", result.mean(), result.std());
}
