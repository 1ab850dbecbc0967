#include <tessera/algorithms.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include "helpers/device.hpp"

using namespace tessera;
using namespace support;

namespace {
// A short run as a user starts one, with the device's own batches and noise: the model's fit, what it imagines, the
// log's returns.
template <class R>
void trains(const at::Device& device, const char* name, const Dataset& data) {
  INFO(name);
  params_of<R> p;
  if constexpr (requires { p.value.refresh; }) p.value.refresh = 3;
  if constexpr (requires { p.dynamics.members; }) {
    p.dynamics.net.hidden = {16}, p.dynamics.members = 3, p.dynamics.elites = 2;
    p.dynamics.holdout = 0.9, p.dynamics.holdout_rows = 60'000, p.dynamics.max_epochs = 1;
  }
  if constexpr (requires { p.data.rollout_batch; })
    p.data.rollout_batch = 64, p.data.horizon = 2, p.data.rollout_every = 2, p.data.retain = 2;
  if constexpr (requires { p.data.rollouts; }) p.data.rollouts = 8, p.data.horizon = 6;
  if constexpr (requires { p.actor.cloning_steps; }) p.actor.cloning_steps = 5;
  const auto run = [&] {
    learner<R> agent(data, p, {.device = device});
    train(agent, data, {.updates = 6, .batch = 32});
    return agent;
  };
  auto one = run(), two = run();
  std::vector<at::Tensor> numbers;
  one.each_buffer([&](const std::string&, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) numbers.push_back(x);
  });
  std::size_t i = 0;
  two.each_buffer([&](const std::string& buffer, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
      INFO(buffer);
      CHECK(x.device() == device);
      CHECK(x.isfinite().all().template item<bool>());
      if (buffer.ends_with("/parameters"))
        CHECK(same_numbers(x, numbers[i].cpu(), 1e-2));  // the same seed, up to the order of sums
      ++i;
    }
  });
  const auto s = at::randn({9, data.observation_size}).to(device);
  CHECK(one.act(s).device() == device);
}
}  // namespace

TEST_CASE("a short training on another device is sound, and a function of its seed", "[device][train]") {
  const auto device = other_device();
  const auto pendulum = builtin_dataset("pendulum-mixed"), cartpole = builtin_dataset("cartpole-mixed");
  trains<recipes::Iql>(device, "Iql", pendulum);
  trains<recipes::Awr>(device, "Awr", pendulum);
  trains<recipes::ReBrac>(device, "ReBrac", pendulum);
  trains<recipes::Mopo>(device, "Mopo", pendulum);
  trains<recipes::Morel>(device, "Morel", pendulum);
  trains<recipes::Rambo>(device, "Rambo", pendulum);
  trains<recipes::MorelNpg>(device, "MorelNpg", pendulum);
  trains<recipes::DiscreteCql>(device, "DiscreteCql", cartpole);
}
