// Two learners in two threads, of a process in which nothing has run before; then the same one after the other, and
// with the machine's own number of threads asked for: all equal to the last bit.  two_threads.sh runs it often.
#include <tessera/algorithms/iql.hpp>
#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {
using namespace tessera;
using Numbers = std::vector<unsigned char>;

// Everything a learner has learned, what it says of a state, and how its policy does, byte for byte.
template <class Agent>
Numbers learned(const Dataset& data, std::int64_t updates) {
  typename Agent::params p;
  for (auto* net : {&p.policy.net, &p.critic.net}) net->hidden = {64, 64}, net->init = initialization::orthogonal;
  Agent agent(data, p, {.seed = 7});
  train(agent, data, {.updates = updates, .batch = 256});
  Numbers out;
  const auto add = [&](const at::Tensor& x) {
    const auto host = x.detach().contiguous();
    const auto* const first = static_cast<const unsigned char*>(host.data_ptr());
    out.insert(out.end(), first, first + host.nbytes());
  };
  agent.each_buffer([&](const std::string&, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) add(x);
  });
  add(agent.act(at::from_blob(const_cast<float*>(data.observations.data()), {300, data.observation_size}, at::kFloat)));
  add(at::tensor(evaluate<Pendulum>(agent, {.episodes = 40, .horizon = 20}).returns));
  return out;
}

int differ(const char* what, const Numbers& a, const Numbers& b) {
  if (!a.empty() && a == b) return 0;
  std::printf("%s: %zu and %zu bytes, not equal\n", what, a.size(), b.size());
  return 1;
}
}  // namespace

int main(int argc, char** argv) {
  const std::int64_t updates = argc > 1 ? std::atoll(argv[1]) : 20;
  const auto data = builtin_dataset("pendulum-mixed");
  Numbers one, two;
  std::atomic<int> ready = 0;
  const auto together = [&] {
    ++ready;
    while (ready < 2) {
    }
  };
  std::thread a([&] { together(), one = learned<Iql>(data, updates); });
  std::thread b([&] { together(), two = learned<Td3Bc>(data, updates); });
  a.join(), b.join();
  int wrong = differ("iql, with another and alone", one, learned<Iql>(data, updates));
  wrong += differ("td3-bc, with another and alone", two, learned<Td3Bc>(data, updates));
  if (std::getenv("OMP_NUM_THREADS") == nullptr) {
    nn::set_threads(int(std::thread::hardware_concurrency()));
    wrong += differ("iql, with the machine's number of threads asked for", one, learned<Iql>(data, updates));
  }
  Numbers again;
  std::thread c([&] { again = learned<Iql>(data, updates); });
  c.join();
  wrong += differ("iql, in a further thread", one, again);
  return wrong == 0 ? 0 : 1;
}
