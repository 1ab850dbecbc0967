// Save, load, continue training, and act once per control cycle.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <span>
#include <vector>

#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/io/from_arrays.hpp>
#include <tessera/torch.hpp>

#include "tank_log.hpp"

int main() {
  const TankLog log = operators_log();
  const auto data = tessera::dataset_from_arrays({.name = "tank",
                                                  .observation_size = 3,
                                                  .action_size = 1,
                                                  .observations = log.seen,
                                                  .next_observations = log.seen_next,
                                                  .actions = log.valve,
                                                  .rewards = log.reward,
                                                  .terminals = log.ended,
                                                  .timeouts = log.cut,
                                                  .action_low = {Tank::valve_low},
                                                  .action_high = {Tank::valve_high}});
  const char* file = "08_acting.safetensors";
  {
    tessera::Td3Bc agent(data);
    const auto save = [&](std::int64_t update) {
      if (update % 500 == 0) tessera::save_checkpoint(agent, file);  // atomically: never half a file
      return true;                                                   // false stops the training
    };
    tessera::train(agent, data, {.updates = 1000, .after_update = save});
  }

  auto agent =
      tessera::load_checkpoint<tessera::Td3Bc>(file);  // hyper-parameters, networks, optimizers, units, counters
  tessera::train(agent, data, {.updates = 1500});      // up to update 1500: 500 more, as if it had not stopped
  tessera::save_checkpoint(agent, file);

  // The controller needs one file, and no data.
  using clock = std::chrono::steady_clock;
  auto controller = tessera::load_checkpoint<tessera::Td3Bc>(file);
  Tank plant(1, 1000);
  float reward = 0, sum = 0;
  std::uint8_t over = 0;
  std::vector<double> micros;
  for (int cycle = 0; cycle < 1000 && over == 0; ++cycle) {
    const std::span<const float> reading(plant.observations(), Tank::observation_size);  // in the plant's own units
    const auto before = clock::now();
    const std::vector<float> valve = controller.act(reading);  // within the limits; an Error if a reading is not finite
    micros.push_back(std::chrono::duration<double, std::micro>(clock::now() - before).count());
    plant.step(valve.data(), &reward, &over);
    sum += reward;
  }
  const double first = micros.front();
  std::sort(micros.begin(), micros.end());
  const auto n = micros.size();
  std::printf("%zu cycles, %.2f m off on average\n", n, -double(sum) / double(n));
  std::printf("act: first %.0f us, median %.0f us, 99 in 100 within %.0f us, worst %.0f us\n", first, micros[n / 2],
              micros[n * 99 / 100], micros.back());
  return over == 0 ? 0 : 1;
}
