#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
struct Step {
  using tensor = at::Tensor;
};
/// An environment that was shown its own observations goes on as it would have.
template <class E>
void goes_on(const at::Tensor& actions, const at::Tensor& as_indices_or_same) {
  Step none;
  const std::int64_t copies = actions.size(0);
  E env(copies, E::default_horizon, 4);
  std::vector<float> rewards(static_cast<std::size_t>(copies));
  std::vector<std::uint8_t> over(static_cast<std::size_t>(copies));
  for (int t = 0; t < 12; ++t) {
    const auto s = at::from_blob(const_cast<float*>(env.observations()), {copies, E::observation_size}).clone();
    const auto x = TrueDynamics<E>::imagine({}, none, s, actions);
    env.step(as_indices_or_same.data_ptr<typename E::action_type>(), rewards.data(), over.data());
    CHECK(close(x.next, at::from_blob(const_cast<float*>(env.observations()), {copies, E::observation_size}), 1e-5));
    CHECK(close(x.reward, torch::tensor(rewards), 1e-4));
    for (std::int64_t i = 0; i < copies; ++i) CHECK(number(x.not_done[i]) == (over[std::size_t(i)] ? 0 : 1));
  }
}
}  // namespace

TEST_CASE("an environment as its own model goes on as it would have", "[dynamics]") {
  const auto torque = torch::tensor({-2.0f, 0.5f, 1.5f}).view({3, 1});
  goes_on<Pendulum>(torque, torque);
  const auto pushes = torch::tensor({1, 1, 0}, at::kLong);  // the first falls within twelve steps
  goes_on<CartPole>(at::one_hot(pushes, 2).to(at::kFloat), pushes);
}
