// What a program uses of the library, built with every warning as an error.
#include <tessera/algorithms/iql.hpp>
#include <tessera/algorithms/mopo.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/dataset/findings.hpp>
#include <tessera/dataset/suit.hpp>
#include <tessera/dynamics_file.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/io/from_arrays.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>

#include <cstdio>
#include <exception>

int main() try {
  const auto data = tessera::load_dataset("builtin:pendulum-random");
  tessera::Iql::params p;
  p.data = tessera::suit(data, p.data).params;
  const auto all = tessera::parameters<tessera::recipes::Iql>(p);
  tessera::set_parameter(all, "policy.net.hidden", "32,32");
  tessera::Iql agent(data, p, {.seed = 1});
  tessera::train(agent, data, {.updates = 2});
  tessera::save_checkpoint(agent, "strict.checkpoint");
  auto again = tessera::load_checkpoint<tessera::Iql>("strict.checkpoint");
  tessera::train(again, data, {.updates = 3});
  const auto result = tessera::evaluate<tessera::Pendulum>(again, {.episodes = 2, .horizon = 3});
  const std::vector<float> action = again.act(std::vector<float>{1, 0, 0});

  tessera::Mopo::params m;
  m.dynamics.max_epochs = 1, m.dynamics.net.hidden = {8};
  tessera::Mopo model(data, m);
  tessera::fit_dynamics(model, data);
  tessera::save_dynamics(m.dynamics, model.dynamics(), tessera::identity_of(data), "strict.model");
  tessera::load_dynamics(model, "strict.model");
  std::printf("%zu findings, return %f, action %f\n", tessera::findings(data).size(), result.mean(),
              double(action.at(0)));
  return again.updates() == 3 ? 0 : 1;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 2;
}
