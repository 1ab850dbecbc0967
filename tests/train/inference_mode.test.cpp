#include <c10/core/InferenceMode.h>

#include <span>
#include <vector>

#include <tessera/algorithms.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include "device/updates.hpp"

using namespace support;
using namespace tessera;
using Catch::Matchers::Contains;

namespace {
// A policy acts inside of c10::InferenceMode as outside, on observations from either.
template <class R>
void acts(const Dataset& data) {
  learner<R> agent(data, small_networks<R>());
  train(agent, data, {.updates = 3, .batch = 16});
  const auto x = at::linspace(-1, 1, 4 * data.observation_size).view({4, data.observation_size});
  const std::vector<float> one(x.data_ptr<float>(), x.data_ptr<float>() + data.observation_size);
  const auto outside = agent.act(x, 5), explored = agent.explore(x, 5, 0.1);
  const auto of_one = agent.act(std::span<const float>(one), 5);
  {
    const c10::InferenceMode inside;
    CHECK(agent.act(x, 5).equal(outside));
    CHECK(agent.act(x.clone(), 5).equal(outside));
    CHECK(agent.explore(x.clone(), 5, 0.1).equal(explored));
    CHECK(agent.act(std::span<const float>(one), 5) == of_one);
  }
  train(agent, data, {.updates = 5, .batch = 16});
  CHECK(agent.updates() == 5);
}
}  // namespace

TEST_CASE("a policy acts inside of InferenceMode", "[train][inference_mode]") {
  const auto pendulum = builtin_dataset("pendulum-mixed");
  acts<recipes::Iql>(pendulum);
  acts<recipes::Sac>(pendulum);
  acts<recipes::Fql>(pendulum);
  acts<recipes::DiscreteCql>(builtin_dataset("cartpole-mixed"));
}

TEST_CASE("a learner that was made inside of InferenceMode learns outside, and says so inside",
          "[train][inference_mode]") {
  const auto data = builtin_dataset("pendulum-mixed");
  const auto made = [&](bool inside) {
    const c10::InferenceMode guard(inside);
    return learner<recipes::Sac>(data, small_networks<recipes::Sac>());
  };
  auto agent = made(true), other = made(false);
  for (auto* each : {&agent, &other}) train(*each, data, {.updates = 4, .batch = 16});
  const auto x = at::zeros({2, data.observation_size});
  CHECK(agent.act(x).equal(other.act(x)));
  const c10::InferenceMode inside;
  CHECK_THROWS_WITH(train(agent, data, {.updates = 6, .batch = 16}), Contains("InferenceMode"));
  CHECK(agent.updates() == 4);
}
