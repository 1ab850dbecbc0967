#include <tessera/data/offline_and_online.hpp>

#include <cmath>
#include <vector>

#include <tessera/train/replay.hpp>

#include "laws/data_laws.hpp"

using namespace tessera;
using namespace support;

namespace {
struct Nothing {};
/// A log of 50 transitions, whose rewards are those of `ranked_episodes`, and as many online ones as there are rewards.
Replay with(const std::vector<float>& online, std::int64_t logged_episodes = 10) {
  const auto data = laws::ranked_episodes(logged_episodes);
  Prepared prepared;
  OfflineAndOnline::params h;
  h.standardize = false;
  OfflineAndOnline::prepare(h, data, prepared);
  Replay replay(data, prepared.transitions, nn::Units(nn::Units(prepared.normalizer), at::Device(at::kCPU)), at::kCPU);
  for (const float r : online) {
    auto x = at::zeros({1, replay.numbers()});
    x.select(1, 5) = r;  // (s, a, r, ...) of three and two numbers
    replay.append(x, true, 1000);
  }
  return replay;
}
batch<at::Tensor> mixed(const Replay& replay, double ratio, std::int64_t update, std::int64_t count,
                        std::uint64_t seed = 3) {
  OfflineAndOnline::params h;
  h.offline_ratio = ratio;
  return OfflineAndOnline::batch(h, replay, seed, update, count, Nothing{});
}
/// Online rewards are 1000 and more.
std::int64_t online_rows(const batch<at::Tensor>& b) { return (b.rewards >= 1000).sum().item<std::int64_t>(); }
}  // namespace

TEST_CASE("a mixed batch has exact parts, the log's first", "[data]") {
  const auto replay = with({1000, 1001, 1002});
  // round(f B): halves are rounded up, as 2.5 of 5 is.
  struct {
    double ratio;
    std::int64_t count, logged;
  } const parts[] = {{0.5, 16, 8}, {0.5, 5, 3}, {0.3, 16, 5}, {0.1, 4, 0}, {0.9, 4, 4}, {0, 7, 0}, {1, 7, 7}};
  for (const auto& part : parts)
    for (std::int64_t update = 1; update <= 20; ++update) {
      const auto b = mixed(replay, part.ratio, update, part.count);
      INFO(part.ratio << " of " << part.count);
      REQUIRE(b.rewards.size(0) == part.count);
      CHECK((b.rewards.narrow(0, 0, part.logged) < 1000).all().item<bool>());
      CHECK((b.rewards.narrow(0, part.logged, part.count - part.logged) >= 1000).all().item<bool>());
      CHECK(b.logged == batch<at::Tensor>::everything);  // all of it has happened: nothing is imagined
    }
}

TEST_CASE("where there is one kind alone a batch is of that", "[data]") {
  // Nothing collected yet: the batches of Offline, to the bit.
  const auto logged = with({});
  const auto same = Offline::batch({}, logged, 3, 4, 32, Nothing{});
  CHECK(at::equal(mixed(logged, 0.5, 4, 32).observations, same.observations));
  // And no log.
  Replay online(3, 2, false, at::kCPU);
  for (int i = 0; i < 4; ++i) {
    auto x = at::zeros({1, online.numbers()});
    x.select(1, 5) = 1000 + i;
    online.append(x, true, 10);
  }
  CHECK(online_rows(mixed(online, 0.5, 1, 32)) == 32);
}

TEST_CASE("either part is drawn evenly, as a function of seed and update", "[data]") {
  const auto replay = with({1000, 1001, 1002, 1003});
  CHECK(at::equal(mixed(replay, 0.5, 9, 64).rewards, mixed(replay, 0.5, 9, 64).rewards));
  CHECK_FALSE(at::equal(mixed(replay, 0.5, 9, 64).rewards, mixed(replay, 0.5, 10, 64).rewards));
  CHECK_FALSE(at::equal(mixed(replay, 0.5, 9, 64).rewards, mixed(replay, 0.5, 9, 64, 4).rewards));
  // 40 000 of each: of 4 rows a quarter, of 50 a fiftieth; five deviations around.
  const auto r = mixed(replay, 0.5, 1, 80'000).rewards.to(at::kDouble);
  for (int i = 0; i < 4; ++i) {
    const auto count = (r == 1000 + i).sum().item<double>();
    CHECK(std::abs(count - 10'000) < 5 * std::sqrt(40'000 * 0.25 * 0.75));
  }
  for (std::int64_t e = 0; e < 10; ++e) {
    // The k-th reward of episode e is e + k / 10.
    const auto count = (r >= double(e) - 0.01).logical_and(r < double(e) + 0.45).sum().item<double>();
    CHECK(std::abs(count - 4'000) < 5 * std::sqrt(40'000 * 0.1 * 0.9));
  }
}

TEST_CASE("units are of the log alone, as those of Offline", "[data]") {
  const auto data = laws::ranked_episodes();
  Prepared mine, offline;
  OfflineAndOnline::params h;
  h.reward = reward_transform::standardize;
  OfflineAndOnline::prepare(h, data, mine);
  OfflineParams same;
  same.reward = reward_transform::standardize;
  Offline::prepare(same, data, offline);
  CHECK(laws::equal(mine.normalizer, offline.normalizer));
  CHECK(mine.transitions == offline.transitions);
}
