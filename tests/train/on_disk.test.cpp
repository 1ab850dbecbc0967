// Learning from a store whose transitions stay on the disk, against learning from the same data in memory.
#include <tessera/torch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <tessera/algorithms/awr.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/data/action_chunks.hpp>
#include <tessera/data/offline_and_online.hpp>
#include <tessera/data/top_episodes.hpp>
#include <tessera/io/open_store.hpp>
#include <tessera/io/store.hpp>
#include <tessera/train/replay.hpp>
#include <tessera/train/train.hpp>

#include "helpers/files.hpp"
#include "helpers/logs.hpp"
#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
std::uint64_t least(const Dataset& data) {
  return 16 * std::uint64_t(data.size()) + 48 * std::uint64_t(data.episodes.size());
}
std::vector<Dataset> on_disk(const std::string& path, const Dataset& data) {
  write_store(path, data);
  return {open_store(path, least(data)), open_store(path, least(data) + 25 * std::uint64_t(data.size())),
          open_store(path, 1 << 30)};
}
struct Place {
  at::Device device = at::kCPU;
};
// The replay buffer of a data source's transitions and units.
template <class Source, class Params>
Replay replay_of(const Dataset& data, const Params& h, std::vector<ReplayColumn> with = {}) {
  Prepared prepared;
  Source::prepare(h, data, prepared);
  return Replay(data, prepared.transitions, nn::Units(nn::Units(prepared.normalizer), Place{}), at::kCPU,
                std::move(with));
}
// Whether two tensors are equal, NaN and all.
bool same(const at::Tensor& a, const at::Tensor& b) {
  const auto known = [](const at::Tensor& x) { return x.is_floating_point() ? x.nan_to_num(12345) : x; };
  return a.scalar_type() == b.scalar_type() && at::equal(known(a), known(b));
}
void require_equal(const batch<at::Tensor>& a, const batch<at::Tensor>& b) {
  REQUIRE(at::equal(a.observations, b.observations));
  REQUIRE(same(a.actions, b.actions));
  REQUIRE(at::equal(a.rewards, b.rewards));
  REQUIRE(at::equal(a.next_observations, b.next_observations));
  REQUIRE(at::equal(a.not_done, b.not_done));
  REQUIRE(a.more.size() == b.more.size());
  auto other = b.more.begin();
  for (const auto& [name, numbers] : a.more) REQUIRE(same(numbers, (other++)->second));
}
template <class Source, class Params>
void require_same_batches(const Dataset& made, const Params& h, std::vector<ReplayColumn> with = {}) {
  const Folder folder;
  auto memory = replay_of<Source>(made, h, with);
  for (const auto& data : on_disk(folder / "s.store", made)) {
    const auto disk = replay_of<Source>(data, h, with);
    REQUIRE((disk.size() == memory.size() && disk.logged() == memory.logged() && disk.online() == 0));
    for (std::int64_t update = 1; update <= 100; ++update) {
      require_equal(disk.sample(3, update, 64), memory.sample(3, update, 64));
      require_equal(disk.sample_starts(3, update, 8), memory.sample_starts(3, update, 8));
    }
  }
}
// Observations of one 1 each.
Dataset walk() {
  EpisodeLog log("walk", "made", action_kind::discrete, 9, 2);
  Random random(5);
  for (std::int64_t e = 0; e < 60; ++e) {
    const auto steps = std::int64_t(1 + random.below(30));
    std::vector<float> x, r;
    std::vector<std::int64_t> a;
    auto at = std::int64_t(random.below(9));
    for (std::int64_t t = 0; t <= steps; ++t) {
      x.resize(x.size() + 9), x[x.size() - std::size_t(9 - at)] = 1;
      if (t == steps) break;
      a.push_back(std::int64_t(random.below(2))), r.push_back(float(at) / 8);
      at = (at + (a.back() == 0 ? 8 : 1)) % 9;
    }
    log.add({.observations = x, .action_indices = a, .rewards = r, .terminated = e % 3 == 0, .truncated = e % 3 != 0});
  }
  return log.finish();
}
using every_column = columns<column::next_action, column::next_action_known, column::returns, column::follows>;
}  // namespace

TEST_CASE("batches from the disk have the bits of those from memory", "[train][replay][store]") {
  SECTION("as they are") {
    require_same_batches<Offline>(log_of({.length = 100}), OfflineParams{.standardize = false});
  }
  SECTION("one-hot observations, discrete actions") {
    require_same_batches<Offline>(walk(), OfflineParams{.standardize = false});
  }
  SECTION("standardized") {
    for (const auto scale : {observation_scale::std, observation_scale::robust})
      for (const auto reward : {reward_transform::standardize, reward_transform::return_range, reward_transform::rms})
        require_same_batches<Offline>(
            log_of({.length = 30, .width = 3, .terminal = true}),
            OfflineParams{.reward = reward, .reward_shift = -1, .scale = scale, .reward_limit = 0.7});
  }
  SECTION("the best episodes") {
    require_same_batches<TopEpisodes>(log_of({.length = 25}), TopEpisodes::params{.fraction = 0.3});
    require_same_batches<TopEpisodes>(walk(), TopEpisodes::params{.fraction = 0.3}, replay_columns(every_column{}));
  }
}

TEST_CASE("columns of the log on the disk have the bits of those in memory", "[train][replay][store]") {
  const Folder folder;
  for (const auto& made : {log_of({.length = 40, .width = 2}), log_of({.length = 40, .terminal = true}), walk()}) {
    auto memory = replay_of<Offline>(made, OfflineParams{}, replay_columns(every_column{}));
    const auto v = at::linspace(-1, 1, memory.size());
    memory.set_returns(0.9, 0.75, v);
    const auto path = folder / std::to_string(made.size() + made.action_size) + ".store";
    for (const auto& data : on_disk(path, made)) {
      auto disk = replay_of<Offline>(data, OfflineParams{}, replay_columns(every_column{}));
      CHECK(disk.sample(1, 1, 32).get<column::returns>().isnan().all().item<bool>());
      disk.set_returns(0.9, 0.75, v);
      const auto rewards = [](const auto& b) { return b.rewards * 2.0; };
      CHECK(at::equal(disk.of_all(rewards), memory.of_all(rewards)));
      for (std::int64_t update = 1; update <= 100; ++update) {
        require_equal(disk.sample(3, update, 64), memory.sample(3, update, 64));
        require_equal(disk.sample_chunks(3, update, 16, 4, 0.9), memory.sample_chunks(3, update, 16, 4, 0.9));
      }
    }
  }
}

TEST_CASE("what is collected online joins a log on the disk", "[train][replay][store]") {
  const Folder folder;
  const auto made = log_of({.length = 100});
  for (const auto& data : on_disk(folder / "s.store", made))
    for (const bool with_columns : {false, true}) {
      const auto with = with_columns ? replay_columns(every_column{}) : std::vector<ReplayColumn>{};
      auto memory = replay_of<Offline>(made, OfflineParams{}, with),
           disk = replay_of<Offline>(data, OfflineParams{}, with);
      for (int episode = 0; episode < 5; ++episode) {
        const auto rows = at::arange(30 * memory.numbers(), at::kFloat).view({30, memory.numbers()}) / 100 + episode;
        // Of a hundred rows the oldest make room.
        memory.append(rows, true, 100), disk.append(rows, true, 100);
        if (with_columns) {
          const auto v = at::linspace(0, 1, memory.size());
          memory.set_returns(0.9, 0.5, v), disk.set_returns(0.9, 0.5, v);
        }
        REQUIRE((disk.size() == memory.size() && disk.online() == memory.online()));
        for (std::int64_t update = 1; update <= 20; ++update) {
          require_equal(disk.sample(3, update, 64), memory.sample(3, update, 64));
          require_equal(disk.sample_mixed(3, update, 64, 0.5), memory.sample_mixed(3, update, 64, 0.5));
          require_equal(disk.sample_starts(3, update, 64), memory.sample_starts(3, update, 64));
        }
      }
    }
}

namespace {
template <class Agent>
std::vector<at::Tensor> learned(Agent& agent) {
  std::vector<at::Tensor> out;
  agent.each_buffer([&](const std::string&, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) out.push_back(x.clone());
  });
  return out;
}
template <class R>
std::vector<at::Tensor> trained(const Dataset& data, const params_of<R>& p) {
  learner<R> agent(data, p, {.seed = 4});
  train(agent, data, {.updates = 50, .batch = 32});
  return learned(agent);
}
void require_equal(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  REQUIRE((a.size() == b.size() && a.size() > 2));
  for (std::size_t i = 0; i < a.size(); ++i) REQUIRE(at::equal(a[i], b[i]));
}
}  // namespace

TEST_CASE("a learner from the disk has the bits of one from memory", "[train][store]") {
  const Folder folder;
  const auto made = log_of({.length = 40, .width = 2, .terminal = true});
  const auto stores = on_disk(folder / "s.store", made);
  SECTION("iql") {
    params_of<recipes::Iql> p;
    p.policy.net.hidden = p.critic.net.hidden = p.value.net.hidden = {16, 16};
    const auto memory = trained<recipes::Iql>(made, p);
    for (const auto& data : stores) require_equal(trained<recipes::Iql>(data, p), memory);
  }
  SECTION("awr, whose returns are of the whole log and its values") {
    params_of<recipes::Awr> p;
    p.policy.net.hidden = p.value.net.hidden = {16, 16};
    const auto memory = trained<recipes::Awr>(made, p);
    for (const auto& data : stores) require_equal(trained<recipes::Awr>(data, p), memory);
  }
}

TEST_CASE("a program that is killed while it writes leaves a store to learn from", "[train][store]") {
  const Folder folder;
  const auto path = folder / "s.store", whole = folder / "whole.store";
  const auto made = log_of({.length = 20});
  const StoreShape shape{.observation_size = 2, .action_size = 1};
  StoreWriter::create(path, shape);
  const auto append = [&](StoreWriter& store, std::int64_t e) {
    std::vector<float> x, a, r;
    for (std::int64_t t = 0; t < 20; ++t) {
      const auto i = e * 20 + t;
      x.insert(x.end(), made.observation(i), made.observation(i) + 2);
      a.push_back(made.actions[std::size_t(i)]), r.push_back(made.rewards[std::size_t(i)]);
    }
    x.insert(x.end(), made.next_observation(e * 20 + 19), made.next_observation(e * 20 + 19) + 2);
    store.append({.observations = x, .actions = a, .rewards = r, .truncated = true});
  };
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const auto child = ::fork();
  if (child == 0) {
    // One episode, that tells it what the observations are like, ten, four more that are not committed, and then
    // nothing until it is killed.
    StoreWriter store(path, 10);
    for (std::int64_t e = 0; e < 15; ++e) append(store, e);
    (void)!::write(ready[1], "x", 1);
    for (;;) ::pause();
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  REQUIRE(::kill(child, SIGKILL) == 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  {
    auto store = StoreWriter::create(whole, shape);
    for (std::int64_t e = 0; e < 11; ++e) append(store, e);
  }
  const auto left = open_store(path, 16 * 220 + 48 * 11);
  REQUIRE((left.size() == 220 && left.on_disk));
  params_of<recipes::Iql> p;
  p.policy.net.hidden = p.critic.net.hidden = p.value.net.hidden = {16, 16};
  require_equal(trained<recipes::Iql>(left, p), trained<recipes::Iql>(Store(whole).dataset(), p));
}
