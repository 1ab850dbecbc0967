// Learning from a store that is larger than the memory it may take: what it takes, and how fast.  See store.sh.
//   store make PATH BYTES WIDTH ACTIONS     writes a store of about so many bytes
//   store train PATH MEMORY UPDATES         opens it, looks at it as `tessera train` does, and trains IQL
//   store gather PATH MEMORY                batches a second, read from the files and from a memory map
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/algorithms/iql.hpp>
#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/episodes_within.hpp>
#include <tessera/dataset/suit.hpp>
#include <tessera/doctor/check.hpp>
#include <tessera/io/store.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>

using namespace tessera;

namespace {
using steady = std::chrono::steady_clock;
double since(steady::time_point start) { return std::chrono::duration<double>(steady::now() - start).count(); }

// Megabytes: resident at most so far, and now in memory of its own and in pages of files.
void say_memory(const char* after, double seconds) {
  double peak = 0, own = 0, of_files = 0;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    for (auto [key, value] : {std::pair{"VmHWM:", &peak}, {"RssAnon:", &own}, {"RssFile:", &of_files}})
      if (line.starts_with(key)) *value = std::strtod(line.c_str() + std::strlen(key), nullptr) / 1000;
  std::printf("%-12s %8.1f s   VmHWM %7.0f MB   RssAnon %7.0f MB   RssFile %5.0f MB\n", after, seconds, peak, own,
              of_files);
  std::fflush(stdout);
}

void make(const std::string& path, double bytes, std::int64_t n, std::int64_t d) {
  const auto start = steady::now();
  auto store = StoreWriter::create(path, {.observation_size = n, .action_size = d}, 1000);
  constexpr std::int64_t length = 1000;
  std::vector<float> x(std::size_t((length + 1) * n)), a(std::size_t(length * d)), r(length);
  std::uint64_t state = 1;
  const auto uniform = [&] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return float(double(state >> 40) / double(1 << 23) - 1);
  };
  const auto of_row = double(4 * n + 4 * d + 21);
  while (double(store.size()) * of_row < bytes) {
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = i < std::size_t(n) ? uniform() : 0.95f * x[i - std::size_t(n)] + 0.3f * uniform();
    for (float& each : a) each = uniform();
    for (float& each : r) each = uniform() + 0.5f;
    store.append({.observations = x, .actions = a, .rewards = r, .truncated = true});
  }
  store.commit();
  std::printf("%lld transitions of %lld and %lld numbers in %.0f s\n", static_cast<long long>(store.size()),
              static_cast<long long>(n), static_cast<long long>(d), since(start));
}

void learn(const std::string& path, std::uint64_t memory, std::int64_t updates) {
  auto start = steady::now();
  const auto step = [&](const char* what) { say_memory(what, since(start)), start = steady::now(); };
  auto data = open_dataset(path, {.bytes = memory});
  std::printf("%lld transitions %s\n", static_cast<long long>(data.size()), data.on_disk ? "on the disk" : "in memory");
  step("opened");
  std::printf("content hash %016llx\n", static_cast<unsigned long long>(content_hash(data)));
  step("hashed");
  if (data.on_disk) (void)training_findings(episodes_within(data, memory / 4));
  else (void)training_findings(data);
  step("looked at");
  auto suited = suit(data, OfflineParams{});
  step("suited");
  using Learner = learner<recipes::Iql>;
  Learner::params p;
  p.data = suited.params;
  Learner agent(data, p, {.seed = 1});
  step("units");
  auto replay = replay_for(agent, data, agent.transitions());
  data = {};
  step("replay");
  train(agent, replay, {.updates = 20});
  step("20 updates");
  train(agent, replay, {.updates = 20 + updates});
  std::printf("%.1f updates a second\n", double(updates) / since(start));
  step("trained");
  double sum = 0;
  agent.each_buffer([&](const std::string&, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>)
      sum += x.to(at::kDouble).abs().sum().template item<double>();
  });
  std::printf("sum of all parameters %.17g\n", sum);
}

void gather(const std::string& path, std::uint64_t memory) {
  const auto data = open_store(path, memory);
  const Store store(path);
  const auto n = data.observation_size, d = data.action_size;
  constexpr std::size_t count = 256;
  std::vector<float> s(count * std::size_t(n)), a(count * std::size_t(d)), r(count), m(count), after(s.size());
  std::uint64_t state = 7;
  const auto draw = [&](std::vector<std::int64_t>& to) {
    to.resize(count);
    for (auto& i : to)
      state = state * 6364136223846793005u + 1442695040888963407u,
      i = std::int64_t((state >> 20) % std::uint64_t(data.size()));
  };
  std::vector<std::int64_t> which;
  const auto measure = [&](const char* name, auto f) {
    for (int i = 0; i < 100; ++i) draw(which), f();
    const auto start = steady::now();
    constexpr int batches = 2000;
    for (int i = 0; i < batches; ++i) draw(which), f();
    std::printf("%-16s %.0f batches of 256 a second\n", name, batches / since(start));
    say_memory(name, since(start));
  };
  measure("files", [&] { data.on_disk->gather(which, {s.data(), a.data(), r.data(), m.data(), after.data()}); });
  measure("memory map", [&] {
    for (std::size_t k = 0; k < count; ++k) {
      const auto i = which[k];
      store.observation(i, s.data() + std::ptrdiff_t(k) * n),
          store.next_observation(i, after.data() + std::ptrdiff_t(k) * n);
      const auto action = store.action(i);
      std::copy(action.begin(), action.end(), a.begin() + std::ptrdiff_t(k) * d);
      r[k] = store.reward(i), m[k] = store.terminal(i) ? 0.0f : 1.0f;
    }
  });
}
}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> args(argv + 1, argv + argc);
  at::set_num_threads(1);
  if (args.size() == 5 && args[0] == "make")
    make(args[1], std::stod(args[2]), std::stoll(args[3]), std::stoll(args[4]));
  else if (args.size() == 4 && args[0] == "train")
    learn(args[1], std::uint64_t(std::stod(args[2])), std::stoll(args[3]));
  else if (args.size() == 3 && args[0] == "gather") gather(args[1], std::uint64_t(std::stod(args[2])));
  else return 2;
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
