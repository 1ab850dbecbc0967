#include <tessera/algorithms/cql.hpp>

#include <cmath>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;

TEST_CASE("the multiplier of CQL's gap does not run away on data of uniform actions", "[train][algorithms]") {
  // A critic without opinion has a gap of log 30 + log 2 = 4.09 for one action dimension, the smallest possible
  // for uniform actions.
  const auto data = builtin_dataset("pendulum-random");
  CqlLagrange::params p;
  p.policy.net.hidden = p.critic.net.hidden = {16};
  p.critic.multiplier_adam.learning_rate = 0.02;
  CqlLagrange agent(data, p);
  const auto multiplier = [&] {
    double x = 0;
    agent.each_buffer([&](const std::string& name, auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, at::Tensor>)
        if (name == "critic_multiplier/value") x = std::exp(value.template item<double>());
    });
    return x;
  };
  CHECK(multiplier() == Approx(1));
  train(agent, data, {.updates = 200, .batch = 64});
  CHECK(multiplier() < 1);  // at a target that cannot be met it would be near e^4
}

TEST_CASE("a multiplier without a target is an error that says where", "[train][algorithms]") {
  using Catch::Contains;
  const problem_spec<torch_backend> on{3, 1, 0, at::kCPU};
  CHECK_THROWS_WITH(
      (learner<recipes::Cql::with<critic<Lagrange<Conservative<SoftBackup>>>>>(on, nn::Units(Normalizer{}))),
      Contains("critic.target is not set"));
  using Divergence = Lagrange<ForwardKl>;
  Divergence::params h;
  CHECK_THROWS_WITH((Divergence::state<torch_backend>(h, on)), Contains("constraint.target is not set"));
  h.target = 0.1;
  CHECK_NOTHROW(Divergence::state<torch_backend>(h, on));
}
