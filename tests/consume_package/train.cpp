// Reads data and trains, a little.
#include <tessera/algorithms/iql.hpp>
#include <tessera/data/load.hpp>
#include <tessera/torch.hpp>

int main() {
  const auto data = tessera::load_dataset("builtin:pendulum-random");
  tessera::Iql agent(data);
  tessera::train(agent, data, {.updates = 2});
  return agent.updates() == 2 ? 0 : 1;
}
