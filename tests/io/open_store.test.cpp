#include <tessera/io/open_store.hpp>

#include <cmath>
#include <cstring>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/cut_episodes.hpp>
#include <tessera/dataset/episode_views.hpp>
#include <tessera/dataset/episodes.hpp>
#include <tessera/dataset/episodes_within.hpp>
#include <tessera/dataset/normalizer.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/dataset/row_reader.hpp>
#include <tessera/dataset/same_observation.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/dataset/suit.hpp>
#include <tessera/doctor/check.hpp>
#include <tessera/doctor/repairs.hpp>
#include <tessera/io/store.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/write.hpp>

#include "../helpers/data_sets.hpp"
#include "../helpers/files.hpp"
#include "../helpers/logs.hpp"

using Catch::Contains;
using namespace support;
using namespace tessera;

namespace {
// What a store must be given at least: 16 bytes for each transition, 48 for each episode.
std::uint64_t least(const Dataset& data) {
  return 16 * std::uint64_t(data.size()) + 48 * std::uint64_t(data.episodes.size());
}
// A data set as a store, with no column in memory, with the short ones, and with all.
std::vector<Dataset> on_disk(const std::string& path, const Dataset& data) {
  write_store(path, data);
  const auto rows = std::uint64_t(data.size());
  return {open_store(path, least(data)), open_store(path, least(data) + 5 * rows),
          open_store(path, least(data) + 25 * rows), open_store(path, 1 << 30)};
}
bool equal(const Normalizer& a, const Normalizer& b) {
  return a.observation_shift == b.observation_shift && a.observation_scale == b.observation_scale &&
         a.reward_scale == b.reward_scale && a.reward_shift == b.reward_shift && a.action_low == b.action_low &&
         a.action_high == b.action_high && a.observation_clip == b.observation_clip && a.reward_limit == b.reward_limit;
}
bool equal(const std::vector<Spread>& a, const std::vector<Spread>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Spread& x, const Spread& y) {
    return x.mean == y.mean && x.std == y.std && x.min == y.min && x.max == y.max;
  });
}
Dataset one_hot_walk(std::int64_t episodes, std::int64_t n) {
  EpisodeLog log("walk", "made", action_kind::discrete, n, 2);
  Random random(5);
  for (std::int64_t e = 0; e < episodes; ++e) {
    const auto steps = std::int64_t(1 + random.below(30));
    std::vector<float> x, r;
    std::vector<std::int64_t> a;
    auto at = std::int64_t(random.below(std::uint64_t(n)));
    for (std::int64_t t = 0; t <= steps; ++t) {
      x.resize(x.size() + std::size_t(n)), x[x.size() - std::size_t(n - at)] = 1;
      if (t == steps) break;
      a.push_back(std::int64_t(random.below(2))), r.push_back(float(at) / float(n));
      at = (at + (a.back() == 0 ? n - 1 : 1)) % n;
    }
    const bool ends = e % 3 == 0;
    if (e % 6 == 0) x.resize(std::size_t(steps * n));  // where it ended is not known
    log.add({.observations = x, .action_indices = a, .rewards = r, .terminated = ends, .truncated = !ends});
  }
  return log.finish();
}
}  // namespace

TEST_CASE("the transitions of a store on the disk are those in memory", "[data][store]") {
  const Folder folder;
  using enum ends;
  int number = 0;
  for (const auto kind : {action_kind::continuous, action_kind::discrete}) {
    std::vector<ends> all;
    for (int i = 0; i < 40; ++i) all.insert(all.end(), {terminated, terminated_unknown, truncated});
    const auto made = kind == action_kind::discrete ? one_hot_walk(50, 7) : made_data(kind, all);
    for (const auto& data : on_disk(folder / (std::to_string(number++) + ".store"), made)) {
      REQUIRE((data.on_disk && data.size() == made.size() && data.observations.empty() && data.rewards.empty()));
      CHECK((data.episodes.size() == made.episodes.size() && data.action_low == made.action_low));
      RowReader rows(data);
      const auto n = std::size_t(data.observation_size);
      const auto same = [&](const float* a, const float* b, std::size_t count) {
        return std::memcmp(a, b, count * sizeof(float)) == 0;
      };
      // In order; then in none.
      for (std::int64_t k = 0; k < 2 * data.size(); ++k) {
        const auto i = k < data.size() ? k : k * 7919 % data.size();
        const auto at = std::size_t(i);
        REQUIRE(same(rows.observation(i), made.observation(i), n));
        REQUIRE(same(rows.next_observation(i), made.next_observation(i), n));
        if (kind == action_kind::discrete) REQUIRE(rows.action_index(i) == made.action_indices[at]);
        else REQUIRE(same(rows.action(i), made.actions.data() + 2 * i, 2));
        REQUIRE(same(rows.reward(i), &made.rewards[at], 1));
        REQUIRE((rows.terminal(i) == (made.terminals[at] != 0) && rows.timeout(i) == (made.timeouts[at] != 0) &&
                 rows.knows_next(i) == made.knows_next(i)));
      }
      REQUIRE(rows.stored() == std::int64_t(made.observations.size() / n));
      for (std::int64_t row = 0; row < rows.stored(); ++row)
        REQUIRE(same(rows.stored(row), made.observations.data() + std::size_t(row) * n, n));
      CHECK(content_hash(data) == content_hash(made));
    }
  }
}

TEST_CASE("what is computed of a store on the disk has the bits of what is computed in memory", "[data][store]") {
  const Folder folder;
  auto glitch = log_of({.length = 50, .width = 2});
  glitch.observations[100] = 1e6f, glitch.actions[7] = 900, glitch.rewards[3] = -1e9f;
  glitch.action_high[1] = 900, glitch.limits_from = limits_origin::seen;
  const std::vector<Dataset> logs = {log_of({.length = 100}), log_of({.length = 7, .terminal = true}), glitch,
                                     one_hot_walk(80, 300)};
  int number = 0;
  for (const auto& made : logs)
    for (const auto& data : on_disk(folder / (std::to_string(number++) + ".store"), made)) {
      const auto a = summarize(data), b = summarize(made);
      CHECK((equal(a.observations, b.observations) && equal(a.actions, b.actions) && equal({a.reward}, {b.reward})));
      CHECK((a.action_counts == b.action_counts && a.terminal_fraction == b.terminal_fraction &&
             a.timeout_fraction == b.timeout_fraction && a.rows == b.rows));
      for (const auto scale : {observation_scale::std, observation_scale::robust})
        for (const auto reward : {reward_transform::none, reward_transform::return_range, reward_transform::standardize,
                                  reward_transform::rms}) {
          const OfflineParams h{.reward = reward, .reward_shift = -1, .scale = scale, .reward_limit = 0.5};
          Prepared one, other;
          Offline::prepare(h, data, one), Offline::prepare(h, made, other);
          CHECK((one.transitions == other.transitions && equal(one.normalizer, other.normalizer)));
          one.keep_best_episodes(data, 0.3), other.keep_best_episodes(made, 0.3);
          CHECK(one.transitions == other.transitions);
          one.fit_units(data, h), other.fit_units(made, h);
          CHECK(equal(one.normalizer, other.normalizer));
        }
      auto changed = data, in_memory = made;
      const auto settings = [](const std::vector<SuitedSetting>& all) {
        std::vector<std::string> out;
        for (const auto& s : all) out.insert(out.end(), {s.key, s.value, s.reason});
        return out;
      };
      CHECK(settings(suit_action_limits(changed)) == settings(suit_action_limits(in_memory)));
      const auto x = suit(changed, OfflineParams{.standardize = false}),
                 y = suit(in_memory, OfflineParams{.standardize = false});
      CHECK(settings(x.chosen) == settings(y.chosen));
      CHECK(x.advice.size() == y.advice.size());
      const SameObservation near(data), also(made.observations, made.observation_size);
      const auto *p = made.observation(0), *q = made.observation(1);
      std::vector<float> close(p, p + made.observation_size);
      for (float& c : close) c = std::nextafter(c, 2.0f);
      CHECK((near(p, close.data()) == also(p, close.data()) && near(p, q) == also(p, q) && near(p, p)));
    }
}

TEST_CASE("a part of a store on the disk is whole episodes in memory", "[data][store]") {
  const Folder folder;
  const auto made = log_of({.length = 10, .terminal = true});
  const auto data = on_disk(folder / "s.store", made)[0];
  CHECK(content_hash(episodes_within(data, 1 << 30)) == content_hash(made));
  // Of a hundred episodes: sixteen runs of two, each where the sixteenth part of the log begins, or the next episode.
  const auto part = episodes_within(data, 4 * (3 * 2 + 2 * 1 + 16) * 16 * 25);
  REQUIRE((part.episodes.size() == 32 && part.size() == 320 && !part.on_disk));
  for (std::size_t e = 0; e < 32; ++e) {
    const auto from = std::int64_t(1000 / 16 * (e / 2) / 10 + e % 2) * 10;
    REQUIRE(part.episodes[e].episode_return == made.episodes[std::size_t(from) / 10].episode_return);
    for (std::int64_t t = 0; t < 10; ++t)
      REQUIRE(part.observation(part.episodes[e].first + t)[0] == made.observation(from + t)[0]);
  }
  CHECK_NOTHROW(require_sound(part));
  // One episode that does not fit: its first steps.
  const auto log = log_of({.length = 1000});
  const auto first = episodes_within(on_disk(folder / "one.store", log)[0], 96 * 50);
  REQUIRE((first.size() == 50 && first.episodes.size() == 1 && !first.episodes[0].complete));
  CHECK(first.next_observation(49)[1] == log.next_observation(49)[1]);
  const auto walk = one_hot_walk(40, 5);
  CHECK(content_hash(episodes_within(on_disk(folder / "walk.store", walk)[1], 1 << 30)) == content_hash(walk));
}

TEST_CASE("what needs the transitions in memory says so", "[data][store]") {
  const Folder folder;
  const auto made = log_of({.length = 100});
  const auto data = on_disk(folder / "s.store", made)[0];
  const auto refused = [&](auto f, const std::string& what) {
    CHECK_THAT(error_of([&] { (void)f(); }), Contains("s.store: its transitions stay on the disk, and " + what +
                                                      " needs them in memory; raise the memory limit"));
  };
  refused([&] { return cut_episodes(data, 10); }, "the cutting of its episodes");
  refused([&] { return doctor(data); }, "the doctor");
  refused([&] { return findings(data); }, "the search for what is odd in it");
  refused([&] { return repaired(data, "clip-actions"); }, "a repair");
  refused([&] { return data | views::by_episode; }, "a view of its episodes");
  for (const auto* name : {"o.hdf5", "o.csv", "o.npz", "o.h5"})
    refused([&] { return write_dataset(folder / name, data); }, "the writing of them in another format");
  refused([&] { return write_dataset(folder / "o.store", data); }, "the writing of a store");
  CHECK_THAT(error_of([&] { open_store(folder / "s.store", least(made) - 1); }),
             Contains("the lists of its 1000 transitions and 10 episodes take 16480 bytes of memory, which is more "
                      "than the 16479 bytes that it may take; raise the memory limit"));
}

TEST_CASE("a store stays on the disk where it takes more than it may", "[data][store]") {
  const Folder folder;
  const auto made = log_of({.length = 100, .width = 3});
  const auto path = folder / "s.store";
  write_store(path, made);
  // 1000 transitions of 2 and 3 numbers, ten episodes: the store's columns, rows (s, a, r, m, s') and lists.
  const std::uint64_t columns = 1001 * 8 + 1000 * (8 + 8 + 12 + 4 + 1) + 10 * 48, all = columns + 1000 * (4 * 9 + 16);
  CHECK(made.observations.size() == 1001 * 2);
  CHECK(bytes_in_memory(path) == all);
  CHECK_FALSE(open_dataset(path, {.bytes = all}).on_disk);
  CHECK(open_dataset(path, {.bytes = all - 1}).on_disk);
  CHECK(open_dataset("store:" + path, {.bytes = all - 1}).on_disk);
  CHECK_FALSE(open_dataset(path).on_disk);
  CHECK_FALSE(open_dataset(path + "?actions=continuous", {.bytes = 1 << 20}).on_disk);
  CHECK_FALSE(open_dataset("builtin:pendulum-random").on_disk);
  const auto data = open_dataset(path, {.bytes = all - 1});
  CHECK((data.name == path && data.format == "store"));
}

TEST_CASE("a damaged store is refused when it is opened on the disk", "[data][store]") {
  const Folder folder;
  const auto made = log_of({.length = 100});
  const auto path = folder / "s.store";
  write_store(path, made);
  const auto with = [&](const char* file, std::size_t at, const std::string& bytes, const std::string& says) {
    const auto whole = bytes_of(path + "/" + file);
    auto damaged = whole;
    damaged.replace(at, bytes.size(), bytes);
    write_bytes(path + "/" + file, damaged);
    for (const auto memory : {least(made), std::uint64_t{1} << 30})
      CHECK_THAT(error_of([&] { open_store(path, memory); }), Contains(says));
    write_bytes(path + "/" + file, whole);
  };
  with("observations.f32", 80, std::string(4, '\x01'), "observations.f32: does not hold what was written");
  with("observations.f32", 80, std::string("\0\0\xc0\x7f", 4), "observations is not finite in row 10");
  with("observation_row.i64", 16, std::string(7, '\xff') + "\x7f", "observation_row is 9223372036854775807 of 1");
  with("next_observation_row.i64", 0, std::string(8, '\xff'), "next_observation_row is -1 of 1");
  with("rewards.f32", 4, std::string("\0\0\x80\x7f", 4), "rewards is not finite in row 1");
  with("ends.u8", 500, "\x08", "ends is 8, which is no mark in row 500");
  CHECK_NOTHROW(open_store(path, least(made)));
}
