// One action at a time, medians of many calls, of several ways to act that take turns: see deploy.sh, which compiles
// this with the exported header of a policy, and again with WITH_TORCH for what needs libtorch.
//   deploy FOLDER CALLS   FOLDER has policy.safetensors; and, for libtorch, policy.pt and checkpoint.safetensors
// Prints a line for each: name, median, and what 99 of 100 calls take at most, in microseconds, with tabs between them.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
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
using Act = std::function<float(std::vector<float>&)>;  // observation -> a number of the action, which is used
struct Way {
  const char* name;
  Act act;
  std::vector<double> micros{};
};

void call(Way& way, std::vector<float>& x, int from, int count, bool counted) {
  using clock = std::chrono::steady_clock;
  static volatile float used = 0;
  for (int i = from; i < from + count; ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = std::sin(float(i) * 0.1f + float(j));
    const auto before = clock::now();
    const float a = way.act(x);
    const auto after = clock::now();
    used = used + a;
    if (counted) way.micros.push_back(std::chrono::duration<double, std::micro>(after - before).count());
  }
}
// Blocks of calls in turn, so that what else the machine does meets all alike; the first calls of each block bring its
// weights into the cache, and are not counted.
void measure(std::vector<Way> ways, std::size_t size, int calls) {
  constexpr int block = 200, warm = 50;
  std::vector<float> x(size);
  for (int from = 0; from < calls; from += block)
    for (auto& way : ways)
      call(way, x, from, warm, false), call(way, x, from + warm, std::min(block, calls - from), true);
  for (auto& way : ways) {
    auto& all = way.micros;
    std::sort(all.begin(), all.end());
    std::printf("%s\t%.3f\t%.3f\n", way.name, all[all.size() / 2], all[all.size() * 99 / 100]);
  }
}
}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::atoi(argv[2]) < 1) return 2;
  const std::string folder = argv[1];
  const int calls = std::atoi(argv[2]);
#if WITH_TORCH
  tessera::nn::set_threads(1);
  auto agent = tessera::load_checkpoint<tessera::Td3Bc>(folder + "/checkpoint.safetensors");
  auto module = torch::jit::load(folder + "/policy.pt");
  const Act learner = [&](std::vector<float>& x) { return agent.act(x)[0]; };
  const Act script = [&](std::vector<float>& x) {
    const at::InferenceMode no_gradients;
    const auto in = at::from_blob(x.data(), {std::int64_t(x.size())}, at::kFloat);
    return module.forward({in}).toTensor().data_ptr<float>()[0];
  };
  measure({{"the learner's act", learner}, {"TorchScript, torch::jit in C++", script}},
          std::size_t(agent.problem().observation_size), calls);
#else
  auto loaded = tessera::deploy::Policy::load(folder + "/policy.safetensors");
  static policy::Policy exported;
  std::vector<float> action(std::size_t(loaded.action_size()));
  const Act eigen = [&](std::vector<float>& x) { return loaded.try_act(x.data(), action.data()), action[0]; };
  const Act header = [&](std::vector<float>& x) { return exported.act(x.data(), action.data()), action[0]; };
  measure({{"<tessera/deploy/policy.hpp>, Eigen", eigen}, {"exported header", header}},
          std::size_t(loaded.observation_size()), calls);
#endif
}
