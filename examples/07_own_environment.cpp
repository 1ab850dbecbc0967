// An environment of your own (tank.hpp): does it satisfy the requirements, and how does a policy compare in it with a
// controller of your own?
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <tessera/algorithms/bc.hpp>
#include <tessera/env/check_environment.hpp>
#include <tessera/io/from_arrays.hpp>
#include <tessera/torch.hpp>

#include "tank_log.hpp"

/// Anything with a space, a problem and `act` is evaluated like a learner.
struct Proportional {
  using space = tessera::Continuous;
  tessera::problem_spec<tessera::torch_backend> problem() const { return {.observation_size = 3, .action_size = 1}; }
  at::Tensor act(const at::Tensor& x, std::int64_t) const {
    return (0.5 + 2 * (x.select(1, 1) - x.select(1, 0))).clamp(0, 1).unsqueeze(1);
  }
};

void print(const char* who, const tessera::Evaluation& e) {
  const double error = e.std() / std::sqrt(double(e.returns.size()));
  std::printf("%-12s %6.1f +- %.1f, worst %.1f\n", who, e.mean(), error,
              *std::min_element(e.returns.begin(), e.returns.end()));
}

int main() {
  // Equal seeds and actions give equal trajectories, a copy does not depend on how many there are, ...
  tessera::check_environment<Tank>({.action_low = {Tank::valve_low}, .action_high = {Tank::valve_high}});

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
  tessera::Bc agent(data);
  tessera::train(agent, data, {.updates = 500});

  const tessera::EvaluationOptions same_starts{.episodes = 200, .seed = 1};  // the same for both
  Proportional controller;
  const auto cloned = tessera::evaluate<Tank>(agent, same_starts),
             own = tessera::evaluate<Tank>(controller, same_starts);
  print("cloned", cloned), print("proportional", own);
  print("twice as long", tessera::evaluate<Tank>(controller, {.episodes = 200, .seed = 1, .horizon = 200}));
  return own.mean() > cloned.mean() ? 0 : 1;
}
