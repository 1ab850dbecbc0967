#include <tessera/train/exported.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <tessera/algorithms/bc.hpp>
#include <tessera/algorithms/discrete_bcq.hpp>
#include <tessera/algorithms/dsrl.hpp>
#include <tessera/algorithms/fql.hpp>
#include <tessera/algorithms/idql.hpp>
#include <tessera/algorithms/ifql.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/algorithms/qc.hpp>
#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/deploy/policy.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/checkpoint.hpp>
#include <tessera/train/exported_noise.hpp>
#include <tessera/train/run_policy.hpp>

#include "helpers/files.hpp"

namespace {
// A learner whose networks are far from their first numbers.
template <class R>
tessera::learner<R> shaken(const tessera::Dataset& data, tessera::params_of<R> p) {
  tessera::learner<R> agent(data, p, {.seed = 4});
  std::int64_t i = 0;
  agent.each_buffer([&]<class T>(const std::string& name, T& x) {
    if constexpr (std::is_same_v<T, at::Tensor>)
      if (name.ends_with("/parameters") || name.ends_with("/target"))
        x.add_(at::randn(x.sizes(), tessera::nn::generator(at::kCPU, 9, 77, std::uint64_t(i++))), 0.1);
  });
  return agent;
}
std::vector<std::vector<float>> observations(std::int64_t size) {
  std::mt19937 random(11);
  std::vector<std::vector<float>> out;
  for (const float scale : {0.0f, 1e-30f, 0.1f, 1.0f, 1.0f, 1.0f, 3.0f, 10.0f, 1e3f, 1e6f}) {
    std::normal_distribution<float> draw(0, 1);
    out.emplace_back();
    for (std::int64_t j = 0; j < size; ++j) out.back().push_back(scale * draw(random));
  }
  return out;
}
template <class P>
P small(P p) {
  p.policy.net = {};
  if constexpr (requires { p.policy.net.hidden; }) p.policy.net.hidden = {33, 20};
  if constexpr (requires { p.policy.net.blocks; }) p.policy.net.blocks = 2, p.policy.net.width = 24;
  return p;
}
// The exported policy's actions and the learner's own, which agree to rounding.
template <class R>
void check_same(const std::string& source, tessera::params_of<R> p) {
  const support::Folder folder;
  const auto path = folder / "checkpoint.safetensors";
  const auto data = tessera::load_dataset(source);
  auto agent = shaken<R>(data, p);
  tessera::save_checkpoint(agent, path);
  auto exported = tessera::exported_policy<R>(path);
  CHECK(tessera::run_policy<R>(path).hash() == tessera::deploy::content_hash(exported.program));
  tessera::fix_noise_as_act(exported);
  REQUIRE(exported.program.noise() == nullptr);
  tessera::deploy::Policy policy(exported.program);
  const auto& s = policy.signature();
  CHECK(s.observation_size == data.observation_size);
  CHECK(s.actions_at_once == agent.actions_at_once());
  int moved = 0;
  float first = 0;
  for (const auto& x : observations(data.observation_size)) {
    const auto given = policy.act(x);
    if constexpr (std::is_same_v<typename tessera::learner<R>::space, tessera::Discrete>) {
      CHECK(std::int64_t(given[0]) == agent.act(x));
    } else {
      CHECK(s.action_low == data.action_low);
      const auto own = agent.act(x);
      for (std::size_t j = 0; j < own.size(); ++j) {
        INFO(tessera::type_name<R>() << " number " << j << " at " << x[0]);
        CHECK(std::abs(given[j] - own[j]) <= 4e-5f * (s.action_high[j] - s.action_low[j]));
        CHECK(given[j] >= s.action_low[j]);
        CHECK(given[j] <= s.action_high[j]);
      }
    }
    moved += given[0] != first;
    first = given[0];
  }
  CHECK(moved > 0);  // not one action everywhere
}
}  // namespace

TEST_CASE("exported policies act as their learners: modes") {
  using namespace tessera::recipes;
  auto iql = small(tessera::params_of<Iql>{});
  iql.data.standardize = true, iql.data.scale = tessera::observation_scale::robust;
  check_same<Iql>("builtin:pendulum-medium", iql);
  auto bc = small(tessera::params_of<Bc>{});
  bc.policy.net.layer_norm = true, bc.policy.net.activation = tessera::activation::gelu;
  check_same<Bc>("builtin:pendulum-medium", bc);
  auto td3 = small(tessera::params_of<Td3Bc>{});
  td3.policy.net.activation = tessera::activation::tanh;
  check_same<Td3Bc>("builtin:pendulum-medium", td3);
}
TEST_CASE("exported policies act as their learners: discrete actions") {
  using namespace tessera::recipes;
  check_same<DiscreteIql>("builtin:cartpole-mixed", small(tessera::params_of<DiscreteIql>{}));
  check_same<DiscreteBcq>("builtin:cartpole-mixed", {});
}
TEST_CASE("exported policies act as their learners: noise in one step, in many, and the best of several") {
  using namespace tessera::recipes;
  check_same<Fql>("builtin:pendulum-medium", small(tessera::params_of<Fql>{}));
  auto ifql = small(tessera::params_of<Ifql>{});
  ifql.policy.integrator = tessera::integrator::midpoint, ifql.policy.steps = 4, ifql.select.samples = 7;
  check_same<Ifql>("builtin:pendulum-medium", ifql);
  auto idql = small(tessera::params_of<Idql>{});
  idql.select.samples = 5, idql.policy.last_repeats = 1;
  check_same<Idql>("builtin:pendulum-medium", idql);
  auto dsrl = small(tessera::params_of<Dsrl>{});
  check_same<Dsrl>("builtin:pendulum-medium", dsrl);
  auto qc = small(tessera::params_of<Qc>{});
  qc.select.samples = 4;
  check_same<Qc>("builtin:pendulum-medium", qc);
}
TEST_CASE("noise may be the caller's") {
  using tessera::recipes::Fql;
  const support::Folder folder;
  const auto path = folder / "checkpoint.safetensors";
  auto agent = shaken<Fql>(tessera::load_dataset("builtin:pendulum-medium"), small(tessera::params_of<Fql>{}));
  tessera::save_checkpoint(agent, path);
  const auto exported = tessera::exported_policy<Fql>(path);
  tessera::deploy::Policy policy(exported.program);
  REQUIRE(policy.noise_size() == 1);
  const std::vector<float> x = {0.1f, 0.2f, 0.3f};
  const auto states = agent.units().observations(at::tensor(at::ArrayRef<float>(x)).unsqueeze(0));
  for (const float z : {-1.5f, 0.0f, 0.7f}) {
    const auto out = agent.state_of<tessera::policy>().net.fixed(states, at::full({1, 1}, z)).out;
    const auto own = agent.units().actions(out.clamp(-1, 1)).item<float>();
    std::vector<float> action(1);
    policy.act(x, std::vector<float>{z}, action);
    CHECK(action[0] == Approx(own).margin(1e-4));
  }
}
TEST_CASE("a policy that is no function of observation and noise is refused by name") {
  using tessera::recipes::IdqlImplicit;
  const support::Folder folder;
  const auto path = folder / "checkpoint.safetensors";
  tessera::learner<IdqlImplicit> agent(tessera::load_dataset("builtin:pendulum-medium"),
                                       small(tessera::params_of<IdqlImplicit>{}));
  tessera::save_checkpoint(agent, path);
  CHECK(
      support::error_of([&] { tessera::exported_policy<IdqlImplicit>(path); }) ==
      "idql-implicit cannot be exported: an action that ExpectileWeightedOf selects of a policy DiffusionPolicy cannot "
      "be written as a function of the observation");
  CHECK(support::error_of([&] { tessera::exported_policy<tessera::recipes::Iql>(path); }).find("idql-implicit") !=
        std::string::npos);
}
