// One action at a time, medians of many calls: see deploy.sh, which compiles this with the exported header of a policy,
// and again with WITH_TORCH for what needs libtorch.
//   deploy FOLDER   which has policy.safetensors, and policy.pt and checkpoint.safetensors where libtorch is there
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#if WITH_TORCH
#include <torch/csrc/jit/serialization/import.h>

#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/checkpoint.hpp>
#else
#include POLICY_HEADER
#include <tessera/deploy/policy.hpp>
#endif

namespace {
constexpr int calls = 20'000;

// f(observation), which gives a number that is used; the median, and what 99 of 100 calls take at most.
template <class F>
void measure(const char* name, std::size_t size, F f) {
  using clock = std::chrono::steady_clock;
  std::vector<float> x(size);
  std::vector<double> micros;
  float used = 0;
  for (int i = 0; i < calls + calls / 10; ++i) {
    for (std::size_t j = 0; j < size; ++j) x[j] = std::sin(float(i) * 0.1f + float(j));
    const auto before = clock::now();
    used += f(x);
    const auto after = clock::now();
    if (i >= calls / 10) micros.push_back(std::chrono::duration<double, std::micro>(after - before).count());
  }
  std::sort(micros.begin(), micros.end());
  std::printf("%-44s %8.2f us  %8.2f us   (%g)\n", name, micros[calls / 2], micros[calls * 99 / 100], double(used));
}
}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = argv[1];
#if WITH_TORCH
  tessera::nn::set_threads(1);
  auto agent = tessera::load_checkpoint<tessera::Td3Bc>(folder + "/checkpoint.safetensors");
  const auto size = std::size_t(agent.problem().observation_size);
  measure("the learner's act", size, [&](const std::vector<float>& x) { return agent.act(x)[0]; });
  auto module = torch::jit::load(folder + "/policy.pt");
  at::NoGradGuard guard;
  measure("TorchScript, from C++", size, [&](std::vector<float>& x) {
    const auto in = at::from_blob(x.data(), {std::int64_t(x.size())}, at::kFloat);
    return module.forward({in}).toTensor().data_ptr<float>()[0];
  });
#else
  auto loaded = tessera::deploy::Policy::load(folder + "/policy.safetensors");
  std::vector<float> action(std::size_t(loaded.action_size()));
  const auto size = std::size_t(loaded.observation_size());
  measure("<tessera/deploy/policy.hpp>", size, [&](const std::vector<float>& x) {
    loaded.try_act(x.data(), action.data());
    return action[0];
  });
  static policy::Policy exported;
  measure("exported header", size, [&](const std::vector<float>& x) {
    exported.act(x.data(), action.data());
    return action[0];
  });
#endif
}
