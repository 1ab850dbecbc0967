// Updates by kernels: on the pretended device, whose kernels are CUDA's, emulated.
#include <tessera/algorithms.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/recorded.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "device/updates.hpp"
#include "helpers/emulated_cuda.hpp"

using namespace tessera;
using namespace support;

namespace {
// Updates on the device agree with the CPU's, and kernels have had a part in them.
template <class R>
void same_by_kernels(const char* name) {
  const emulated::OnPretendedDevice kernels;
  const auto before = emulated::launched;
  same_updates<R>(name);
  if (other_device() == pretended::device) CHECK(emulated::launched > before + 10);
}

// Losses and numbers after updates that are recorded, or made one by one.
template <class R>
std::map<std::string, at::Tensor> numbers_of(const Dataset& data, bool record, bool by_kernels) {
  const emulated::OnPretendedDevice kernels(by_kernels);
  learner<R> agent(data, small_networks<R>(), {.seed = 3, .device = pretended::begin()});
  auto replay = replay_for(agent, data, agent.transitions());
  agent.plan(8);
  std::map<std::string, at::Tensor> out;
  auto make = recorded_updates(agent, replay, 16);
  for (std::int64_t k = 1; k <= 8; ++k) {
    if (record) make(k);
    else agent.update(agent.batch_for(replay, k, 16));
    for (const auto& m : agent.metrics()) out[std::string(m.name) + std::to_string(k)] = m.value.cpu();
  }
  if (record) CHECK(make.repeated() >= 4);
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) out[name] = x.cpu();
    else out[name] = at::full({}, x, at::kLong);
  });
  return out;
}
template <class R>
void repeats_by_kernels(const char* name, const Dataset& data) {
  INFO(name);
  const auto one_by_one = numbers_of<R>(data, false, true), recorded = numbers_of<R>(data, true, true),
             plain = numbers_of<R>(data, false, false);
  REQUIRE(recorded.size() == one_by_one.size());
  REQUIRE(plain.size() == one_by_one.size());
  for (const auto& [what, x] : one_by_one) {
    INFO(what);
    CHECK(recorded.at(what).equal(x));
    // Minibatches and noise are the same numbers by kernels and without.
    if (!x.is_floating_point()) CHECK(plain.at(what).equal(x));
    else if (what.find('/') == std::string::npos) CHECK(same_numbers(plain.at(what), x, 1e-3));
  }
}
}  // namespace

TEST_CASE("updates by kernels are the CPU's: critics that the policy climbs", "[device][cuda]") {
  same_by_kernels<recipes::Td3Bc>("Td3Bc");
  same_by_kernels<recipes::Sac>("Sac");
  same_by_kernels<recipes::Cql>("Cql");
  same_by_kernels<recipes::ReBrac>("ReBrac");
  same_by_kernels<recipes::Edac>("Edac");
}
TEST_CASE("updates by kernels are the CPU's: a model of the dynamics", "[device][cuda]") {
  same_by_kernels<recipes::Mopo>("Mopo");
}
TEST_CASE("updates by kernels are the CPU's: weighted imitation and flows", "[device][cuda]") {
  same_by_kernels<recipes::Iql>("Iql");
  same_by_kernels<recipes::Xql>("Xql");
  same_by_kernels<recipes::Awac>("Awac");
  same_by_kernels<recipes::Fql>("Fql");
  same_by_kernels<recipes::DiscreteIql>("DiscreteIql");
}
TEST_CASE("recorded updates by kernels are those made one by one, to the bit", "[device][cuda][recorded]") {
  const auto data = builtin_dataset("pendulum-mixed");
  repeats_by_kernels<recipes::Iql>("Iql", data);
  repeats_by_kernels<recipes::Td3Bc>("Td3Bc", data);
  repeats_by_kernels<recipes::ReBrac>("ReBrac", data);
  repeats_by_kernels<recipes::Cql>("Cql", data);
}

namespace {
// What a recorded update, minibatch and all, asks of the device, whatever the size of a batch.
template <class R>
std::vector<std::string> operations(params_of<R> p, bool by_kernels) {
  const emulated::OnPretendedDevice kernels(by_kernels);
  const auto data = builtin_dataset("pendulum-mixed");
  learner<R> agent(data, p, {.seed = 3, .device = pretended::begin()});
  auto replay = replay_for(agent, data, agent.transitions());
  agent.update(agent.batch_for(replay, 1, 16));
  pretended::Graph graph;
  nn::Graph& records = graph;
  records.record([&] { agent.update(agent.batch_for(replay, 2, 16)); });
  return graph.names();
}
}  // namespace

TEST_CASE("an update by kernels asks the device for a fraction of what it asks for without", "[device][cuda]") {
  const auto fewer = [](const char* name, const std::vector<std::string>& kernels,
                        const std::vector<std::string>& plain, double part) {
    INFO(name << ": " << kernels.size() << " operations by kernels, " << plain.size() << " without");
    CHECK(double(kernels.size()) <= part * double(plain.size()));
    // Matrix products are as many.
    const auto products = [](const std::vector<std::string>& all) {
      return std::count_if(all.begin(), all.end(), [](const auto& x) { return x.find("mm") != std::string::npos; });
    };
    CHECK(products(kernels) == products(plain));
  };
  fewer("Iql", operations<recipes::Iql>({}, true), operations<recipes::Iql>({}, false), 0.4);
  fewer("Td3Bc", operations<recipes::Td3Bc>({}, true), operations<recipes::Td3Bc>({}, false), 0.6);
  fewer("Cql", operations<recipes::Cql>({}, true), operations<recipes::Cql>({}, false), 0.4);
  fewer("Sac", operations<recipes::Sac>({}, true), operations<recipes::Sac>({}, false), 0.4);
  fewer("ReBrac", operations<recipes::ReBrac>({}, true), operations<recipes::ReBrac>({}, false), 0.5);
}
