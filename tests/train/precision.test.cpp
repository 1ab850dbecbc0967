#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include <tessera/algorithms/iql.hpp>
#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/nn/gemm.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>

#include "helpers/files.hpp"

using namespace tessera;

namespace {
template <class A>
typename A::params wide() {
  typename A::params p;
  p.policy.net.hidden = {64, 64}, p.critic.net.hidden = {64, 64};
  if constexpr (requires { p.value.net; }) p.value.net.hidden = {64, 64};
  return p;
}
template <class A>
std::map<std::string, at::Tensor> numbers(A& agent) {
  std::map<std::string, at::Tensor> out;
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) out[name] = x.clone();
  });
  return out;
}
bool equal(const std::map<std::string, at::Tensor>& a, const std::map<std::string, at::Tensor>& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, x] : a)
    if (!at::equal(x, b.at(name))) return false;
  return true;
}
const Dataset& mixed() {
  static const auto d = load_dataset("builtin:pendulum-mixed");
  return d;
}
// The learner after some updates, and its losses of the last one.
template <class A>
A trained(precision p, std::int64_t updates) {
  A agent(mixed(), wide<A>(), {.seed = 3, .precision = p});
  train(agent, mixed(), {.updates = updates, .batch = 128});
  return agent;
}
// Tests of learners where bf16 is to be had; where it is not, that the learner says so.
bool has_bf16() {
  const auto why = nn::why_no_bf16();
  if (why.empty()) return true;
  Iql agent(mixed(), wide<Iql>(), {});
  CHECK_THROWS_WITH(agent.set_precision(precision::bf16), "precision bf16: " + why + "; leave it out");
  CHECK_THROWS_WITH(Iql(mixed(), wide<Iql>(), {.precision = precision::bf16}),
                    "precision bf16: " + why + "; leave it out");
  CHECK(agent.products() == precision::float32);
  return false;
}
}  // namespace

TEMPLATE_TEST_CASE("a learner trains with bf16 products, near float's losses, the same each time", "[precision]", Iql,
                   Td3Bc) {
  if (!has_bf16()) return;
  auto in_float = trained<TestType>(precision::float32, 100), in_bf16 = trained<TestType>(precision::bf16, 100);
  CHECK(in_bf16.products() == precision::bf16);
  REQUIRE(in_float.metrics().size() == in_bf16.metrics().size());
  for (std::size_t i = 0; i < in_float.metrics().size(); ++i) {
    const double wanted = in_float.metrics()[i].value.template item<double>(),
                 got = in_bf16.metrics()[i].value.template item<double>();
    INFO(in_float.metrics()[i].name << " " << got << " in bf16, " << wanted << " in float");
    CHECK(std::abs(got - wanted) < 0.05 * std::abs(wanted) + 0.02);
  }
  const auto first = numbers(in_bf16);
  CHECK_FALSE(equal(first, numbers(in_float)));
  for (const auto& [name, x] : first) CHECK(x.scalar_type() == at::kFloat);
  auto again = trained<TestType>(precision::bf16, 100), in_float_again = trained<TestType>(precision::float32, 100);
  CHECK(equal(first, numbers(again)));
  CHECK(equal(numbers(in_float), numbers(in_float_again)));
}

TEST_CASE("a run in bf16 that goes on from its checkpoint is the unbroken one, to the bit", "[precision]") {
  if (!has_bf16()) return;
  const support::Folder folder;
  auto whole = trained<Iql>(precision::bf16, 40);
  Iql first(mixed(), wide<Iql>(), {.seed = 3, .precision = precision::bf16});
  train(first, mixed(), {.updates = 40, .batch = 128, .after_update = [](std::int64_t done) { return done < 25; }});
  REQUIRE(first.updates() == 25);
  const auto path = folder / "half.safetensors";
  save_checkpoint(first, path);
  auto second = load_checkpoint<Iql>(path);
  CHECK(second.products() == precision::float32);  // which is the caller's to say
  second.set_precision(precision::bf16);
  train(second, mixed(), {.updates = 40, .batch = 128});
  CHECK(equal(numbers(whole), numbers(second)));
}

TEST_CASE("a learner acts in float, whatever its updates' precision", "[precision]") {
  if (!has_bf16()) return;
  auto agent = trained<Iql>(precision::bf16, 5);
  const auto states = at::randn({256, mixed().observation_size});
  const auto in_bf16 = agent.act(states);
  agent.set_precision(precision::float32);
  CHECK(at::equal(agent.act(states), in_bf16));
}

TEST_CASE("learners in two threads have precisions of their own", "[precision]") {
  if (!has_bf16()) return;
  auto in_float = trained<Iql>(precision::float32, 30), in_bf16 = trained<Iql>(precision::bf16, 30);
  std::map<std::string, at::Tensor> beside_float, beside_bf16;
  std::thread one([&] {
    auto agent = trained<Iql>(precision::float32, 30);
    beside_float = numbers(agent);
  });
  std::thread other([&] {
    auto agent = trained<Iql>(precision::bf16, 30);
    beside_bf16 = numbers(agent);
  });
  one.join(), other.join();
  CHECK(equal(numbers(in_float), beside_float));
  CHECK(equal(numbers(in_bf16), beside_bf16));
}

TEST_CASE("bf16 is of the CPU", "[precision]") {
  CHECK_THROWS_WITH(torch_backend::require_precision(precision::bf16, at::Device("cuda:0")),
                    "precision bf16: is of the CPU's matrix products, and the device is cuda:0; leave one of them out");
  torch_backend::require_precision(precision::float32, at::Device("cuda:0"));
}
