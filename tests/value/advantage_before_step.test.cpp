#include <tessera/algorithms/iql.hpp>
#include <tessera/torch.hpp>

#include <cmath>
#include <string>
#include <type_traits>

#include <catch2/catch.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
// What one update of IQL makes of a batch: the actor's loss and the networks.
struct Updated {
  double actor_loss = 0;
  at::Tensor policy, value;
};
Updated update(bool before_step, double value_rate) {
  Iql::params p;
  p.policy.net.hidden = p.critic.net.hidden = p.value.net.hidden = {8};
  p.value.adam.learning_rate = value_rate;
  p.value.advantage_before_step = before_step;
  p.actor.beta = 1;
  Iql agent(problem_spec<torch_backend>{3, 2, 5, at::kCPU},
            nn::Units(Normalizer{{0, 0, 0}, {1, 1, 1}, 1, 0, {-1, -1}, {1, 1}}), p);
  const auto s = at::linspace(-1, 1, 4 * 3).view({4, 3}), a = at::linspace(-0.5, 0.5, 4 * 2).view({4, 2});
  agent.update({s, a, at::ones({4}), s + 0.1, at::ones({4})});
  Updated out;
  for (const auto& m : agent.metrics())
    if (std::string(m.name) == "actor/awr") out.actor_loss = m.value.item<double>();
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
      if (name == "policy/parameters") out.policy = x.clone();
      if (name == "value/parameters") out.value = x.clone();
    }
  });
  REQUIRE((out.policy.defined() && out.value.defined()));
  return out;
}
}  // namespace

// Where V does not move, V(s) from before its step and from after it are one: an update with the option, in which V
// moves, has the actor of an update without, in which it does not, and the V of one without, in which it does.
TEST_CASE("the advantage may have V(s) from before V's step", "[value]") {
  const double rate = 0.5;
  const auto before = update(true, rate), after = update(false, rate), still = update(false, 0);
  CHECK(before.actor_loss == Approx(still.actor_loss));
  CHECK(close(before.policy, still.policy, 1e-6));
  CHECK(at::equal(before.value, after.value));
  CHECK(std::abs(before.actor_loss - after.actor_loss) > 1e-3);
  CHECK_FALSE(close(before.policy, after.policy, 1e-6));
}

TEST_CASE("by default the advantage has V(s) from after V's step", "[value]") {
  CHECK_FALSE(Iql::params{}.value.advantage_before_step);
}
