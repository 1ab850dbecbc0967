// Reads data, trains a little, and writes what came of it.
#include <tessera/algorithms/iql.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>

#include <cstdio>
#include <vector>

int main(int, char** arguments) {
  const auto data = tessera::load_dataset("builtin:pendulum-random");
  tessera::Iql agent(data);
  tessera::train(agent, data, {.updates = 20});
  std::FILE* const file = std::fopen(arguments[1], "w");
  if (!file) return 1;
  for (const float speed : {-2.0f, 0.0f, 3.0f})
    for (const float x : agent.act(std::vector<float>{0.6f, 0.8f, speed})) std::fprintf(file, "%a\n", double(x));
  return std::fclose(file) == 0 && agent.updates() == 20 ? 0 : 1;
}
