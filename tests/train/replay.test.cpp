#include <tessera/train/replay.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include <tessera/io/d4rl.hpp>

#include "helpers/device.hpp"
#include "helpers/files.hpp"
#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
Replay whole(const Dataset& data, std::vector<ReplayColumn> with) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < data.size(); ++i) all.push_back(i);
  struct {
    at::Device device = at::kCPU;
  } on;
  const auto n = std::size_t(data.observation_size);
  return Replay(data, all,
                nn::Units(nn::Units(Normalizer{std::vector<float>(n, 0), std::vector<float>(n, 1), 1, 0,
                                               data.action_low, data.action_high}),
                          on),
                at::kCPU, with);
}
Dataset read(const FlatFile& flat) {
  const Folder folder;
  flat.write(folder / "d.h5");
  return read_d4rl(hdf5::File::open(folder / "d.h5"));
}
}  // namespace

TEST_CASE("copies whose last bit differs are linked as exact ones are", "[train][replay]") {
  FlatFile exact(8);
  exact.timeouts[2] = 1, exact.terminals[5] = 1, exact.timeouts[7] = 1;
  exact.add_next();
  auto rounded = exact;
  for (float& x : rounded.next_observations) x = std::nextafter(x, 1000.f);
  const auto one = read(exact), two = read(rounded);
  CHECK(one.observations.size() < two.observations.size());  // none is stored once
  CHECK(one.timeouts == two.timeouts);
  auto a = whole(one, replay_columns(columns<column::next_action, column::next_action_known, column::returns>{})),
       b = whole(two, replay_columns(columns<column::next_action, column::next_action_known, column::returns>{}));
  const auto known = row({1, 1, 0, 1, 1, 0, 1, 0});
  CHECK(close(a.all().get<column::next_action_known>(), known));
  CHECK(close(b.all().get<column::next_action_known>(), known));
  CHECK(at::equal(a.all().get<column::next_action>(), b.all().get<column::next_action>()));
  // Monte Carlo: a chain of returns that a lost link would cut.
  const auto none = at::zeros({8});
  a.set_returns(0.5, 1, none), b.set_returns(0.5, 1, none);
  CHECK(close(a.all().get<column::returns>(), row({1 + 1 + 0.75, 2 + 1.5, 3, 4 + 2.5 + 1.5, 5 + 3, 6, 7 + 4, 8})));
  CHECK(at::equal(a.all().get<column::returns>(), b.all().get<column::returns>()));
}

TEST_CASE("a transition that leads elsewhere than the next begins is not linked to it", "[train][replay]") {
  FlatFile flat(4);
  flat.add_next();
  auto data = read(flat);
  data.observations.insert(data.observations.end(), {1.01f, -1});
  data.next_observation_row[0] = std::int64_t(data.observations.size()) / 2 - 1;
  CHECK(close(whole(data, replay_columns(columns<column::next_action, column::next_action_known>{}))
                  .all()
                  .get<column::next_action_known>(),
              row({0, 1, 1, 0})));
}

TEST_CASE("states are stored once, and minibatches are what the log says", "[train][replay]") {
  FlatFile flat(8);
  flat.timeouts[2] = 1, flat.terminals[5] = 1, flat.timeouts[7] = 1;
  flat.add_next();
  flat.next_observations[2 * 2] = 77;  // after the cut
  auto data = read(flat);
  const auto n = data.observation_size;
  // All of them; some, of which one is followed by what it does not lead to; and one twice.
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < data.size(); ++i) all.push_back(i);
  const std::vector<std::vector<std::int64_t>> choices{all, {0, 2, 3, 6}, {4, 4, 5, 1}};
  const auto& chosen = choices[std::size_t(GENERATE(0, 1, 2))];
  const nn::Units units(nn::Units(Normalizer{{1, 2}, {2, 4}, 3, 0.5f, data.action_low, data.action_high}),
                        at::Device(at::kCPU));
  const Replay once(data, chosen, units, at::kCPU);
  // A column of its own keeps whole rows.
  const Replay rows(data, chosen, units, at::kCPU, replay_columns(columns<column::next_action>{}));
  const auto a = once.all(), b = rows.all();
  REQUIRE(a.observations.sizes() == at::IntArrayRef{std::int64_t(chosen.size()), n});
  for (std::size_t k = 0; k < chosen.size(); ++k)
    for (std::int64_t j = 0; j < n; ++j) {
      const float shift = float(j + 1), scale = float(2 * (j + 1));
      CHECK(a.observations[std::int64_t(k)][j].item<float>() ==
            Approx((data.observation(chosen[k])[j] - shift) / scale));
      CHECK(a.next_observations[std::int64_t(k)][j].item<float>() ==
            Approx((data.next_observation(chosen[k])[j] - shift) / scale));
    }
  const auto same = [](const auto& x, const auto& y) {
    return at::equal(x.observations, y.observations) && at::equal(x.actions, y.actions) &&
           at::equal(x.rewards, y.rewards) && at::equal(x.next_observations, y.next_observations) &&
           at::equal(x.not_done, y.not_done);
  };
  CHECK(same(a, b));
  CHECK(same(once.sample(1, 2, 64), rows.sample(1, 2, 64)));
  CHECK(same(once.sample_starts(1, 2, 64), rows.sample_starts(1, 2, 64)));
}

TEST_CASE("transitions are added behind those of a log whose states are stored once", "[train][replay]") {
  FlatFile flat(4);
  flat.add_next();
  const auto data = read(flat);
  auto replay = whole(data, {});
  const auto before = replay.all();
  const auto added = at::arange(3 * replay.numbers(), at::kFloat).view({3, -1});
  replay.append(added, true, 5);
  replay.append(added.narrow(0, 0, 2) + 100, false, 5);
  CHECK(replay.size() == 9);
  CHECK(replay.logged() == 4);
  const auto n = data.observation_size;
  const auto after = replay.all();
  CHECK(at::equal(after.observations.narrow(0, 0, 4), before.observations));
  CHECK(at::equal(after.next_observations.narrow(0, 0, 4), before.next_observations));
  CHECK(at::equal(after.observations.narrow(0, 4, 3), added.narrow(1, 0, n)));
  CHECK(at::equal(after.next_observations.narrow(0, 4, 3), added.narrow(1, added.size(1) - n, n)));
  CHECK(at::equal(after.observations.narrow(0, 7, 2), added.narrow(0, 0, 2).narrow(1, 0, n) + 100));
  const auto mixed = replay.sample_mixed(0, 1, 8, 0.5);
  CHECK(mixed.observations.size(0) == 8);
  CHECK(bool((mixed.observations.narrow(0, 0, 4) <= before.observations.max()).all().item<bool>()));
}

TEST_CASE("a replay of data that are given up has the same minibatches", "[train][replay]") {
  constexpr std::int64_t count = 30'000, n = 9;  // some megabytes: more than one piece, and whole pages
  auto g = at::detail::createCPUGenerator(3);
  Dataset data;
  data.observation_size = n, data.action_size = 1;
  data.action_low = {-1}, data.action_high = {1};
  // Each s' the next s; each of its own, beside s; and all of them behind.
  const int layout = GENERATE(0, 1, 2);
  const auto rows = layout == 0 ? count + 1 : 2 * count;
  data.observations.resize(std::size_t(rows * n));
  at::from_blob(data.observations.data(), {rows * n}, at::kFloat).normal_(0, 1, g);
  for (std::int64_t i = 0; i < count; ++i) {
    data.observation_row.push_back(layout == 1 ? 2 * i : i);
    data.next_observation_row.push_back(layout == 0 ? i + 1 : layout == 1 ? 2 * i + 1 : count + i);
    data.actions.push_back(0.5f), data.rewards.push_back(float(i));
    data.terminals.push_back(0), data.timeouts.push_back(0);
  }
  // In order; some of them; and in no order, so that an early state is read last.
  auto chosen = std::vector<std::int64_t>(std::size_t(count));
  std::iota(chosen.begin(), chosen.end(), 0);
  const int order = GENERATE(0, 1, 2);
  if (order == 1) std::erase_if(chosen, [](std::int64_t i) { return i % 3 == 1; });
  if (order == 2) std::reverse(chosen.begin(), chosen.end());
  const nn::Units units(nn::Units(Normalizer{std::vector<float>(n, 1), std::vector<float>(n, 2), 3, 0.5f, {-1}, {1}}),
                        at::Device(at::kCPU));
  const Replay kept(data, chosen, units, at::kCPU);
  const auto device = other_device();
  struct {
    at::Device device;
  } on{device};
  const nn::Units there(nn::Units(units), on);
  const Replay kept_there(data, chosen, there, device);
  auto copy = data;
  const Replay given_there(std::move(copy), chosen, there, device);
  CHECK(copy.size() == 0);
  const Replay given(std::move(data), chosen, units, at::kCPU);
  CHECK(data.observations.empty());
  for (const std::int64_t update : {1, 2, 3}) {
    const auto a = kept.sample(0, update, 256), b = given.sample(0, update, 256);
    CHECK(a.observations.equal(b.observations));
    CHECK(a.next_observations.equal(b.next_observations));
    CHECK(a.rewards.equal(b.rewards));
    const auto c = kept_there.sample(0, update, 256), d = given_there.sample(0, update, 256);
    CHECK(c.observations.cpu().equal(d.observations.cpu()));
    CHECK(c.next_observations.cpu().equal(d.next_observations.cpu()));
  }
}
