#include <tessera/io/store.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/dataset/row_reader.hpp>
#include <tessera/io/open_store.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/untrusted.hpp>
#include <tessera/sources/write.hpp>
#include <tessera/support/hash.hpp>

#include "../helpers/data_sets.hpp"
#include "../helpers/files.hpp"

using Catch::Contains;
using support::bytes_of;
using support::difference;
using support::ends;
using support::error_of;
using support::write_bytes;
using tessera::action_kind;
using tessera::Dataset;
using tessera::EpisodeLog;
using tessera::EpisodeRows;
using tessera::Store;
using tessera::StoreWriter;
using floats = std::vector<float>;
using whole = std::vector<std::int64_t>;

namespace {
namespace fs = std::filesystem;

// Episode `e` of a log of 2 numbers and 1 action: 1 + e % 5 steps.
struct Walk {
  explicit Walk(std::int64_t e) : steps(1 + e % 5), episode(e) {
    for (std::int64_t t = 0; t <= steps; ++t) x.insert(x.end(), {float(e), float(t)});
    for (std::int64_t t = 0; t < steps; ++t) a.push_back(float(e + t) / 7), r.push_back(float(t) - 0.1f);
  }
  EpisodeRows rows() const {
    return {
        .observations = x, .actions = a, .rewards = r, .terminated = episode % 3 == 0, .truncated = episode % 3 == 1};
  }
  std::int64_t steps, episode;
  floats x, a, r;
};
Dataset walks(std::int64_t count) {
  EpisodeLog log("walks", "made", action_kind::continuous, 2, 1);
  for (std::int64_t e = 0; e < count; ++e) {
    const Walk walk(e);
    log.add(walk.rows());
  }
  return log.finish();
}
StoreWriter append(StoreWriter store, std::int64_t from, std::int64_t to) {
  for (auto e = from; e < to; ++e) {
    const Walk walk(e);
    store.append(walk.rows());
  }
  return store;
}
std::string checksum(const std::string& text) {
  tessera::ByteHash h;
  h.add(text.data(), text.size());
  return tessera::hash_text(h.value());
}
// Its record with one text in place of another, and the checksum that belongs to it.
void change_record(const std::string& path, const std::string& from, const std::string& to, bool sign = true) {
  auto text = bytes_of(path + "/store.json");
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const auto mark = text.rfind(",\"checksum\":\"");
  REQUIRE(mark != std::string::npos);
  if (sign) text = text.substr(0, mark) + ",\"checksum\":\"" + checksum(text.substr(0, mark)) + "\"}\n";
  write_bytes(path + "/store.json", text);
}
void require_equal(const Dataset& a, const Dataset& b) {
  CHECK(difference(a, b) == "");
  CHECK(tessera::content_hash(a) == tessera::content_hash(b));
  // The same in memory too: what is summed over the stored observations is summed in the same order.
  CHECK(a.observation_row == b.observation_row);
  CHECK(a.next_observation_row == b.next_observation_row);
  CHECK(std::memcmp(a.observations.data(), b.observations.data(), a.observations.size() * sizeof(float)) == 0);
  CHECK((a.action_low == b.action_low && a.action_high == b.action_high && a.limits_from == b.limits_from));
}
}  // namespace

TEST_CASE("what is appended episode by episode is what a log of it is", "[data][store]") {
  const support::Folder folder;
  const auto path = folder / "walks.store";
  append(StoreWriter::create(path, {.observation_size = 2, .action_size = 1}), 0, 7);
  append(StoreWriter(path), 7, 20);
  const auto expected = walks(20), data = tessera::load_dataset(path);
  require_equal(expected, data);
  CHECK((data.format == "store" && data.name == path && data.episodes.size() == 20 && data.size() == 60));
  CHECK(content_hash(tessera::load_untrusted(path)) == content_hash(expected));

  const Store store(path);
  CHECK((store.size() == 60 && store.episodes() == 20 && !store.one_hot()));
  for (std::int64_t i = 0; i < store.size(); ++i) {
    floats now(2), next(2);
    store.observation(i, now.data()), store.next_observation(i, next.data());
    REQUIRE((now == floats(data.observation(i), data.observation(i) + 2) &&
             next == floats(data.next_observation(i), data.next_observation(i) + 2)));
    REQUIRE((store.reward(i) == data.rewards[std::size_t(i)] && store.action(i)[0] == data.actions[std::size_t(i)]));
    REQUIRE((store.terminal(i) == (data.terminals[std::size_t(i)] != 0) &&
             store.timeout(i) == (data.timeouts[std::size_t(i)] != 0) && store.knows_next(i)));
  }
  CHECK((store.episode(4).rows == 5 && store.episode(4).episode_return == data.episodes[4].episode_return));
  // 4 floats of an observation, next rows and so on: nothing is stored twice.
  CHECK(fs::file_size(path + "/observations.f32") == (60 + 20) * 8);
  CHECK_THAT(error_of([&] { (void)store.reward(60); }), Contains("no transition 60"));
  CHECK_THAT(error_of([&] { (void)store.reward(-1); }), Contains("no transition -1"));
  CHECK_THAT(error_of([&] { (void)store.action_index(0); }), Contains("continuous"));

  // The hash is of the content: one writer, several, or commits of several episodes give the same.
  const auto other = folder / "other.store";
  append(StoreWriter::create(other, {.observation_size = 2, .action_size = 1}, 8), 0, 20);
  CHECK(Store(other).hash() == store.hash());
  append(StoreWriter(other), 20, 21);
  CHECK(Store(other).hash() != store.hash());
  CHECK(store.size() == 60);  // what was open sees no more
}

TEST_CASE("data of other names are not appended", "[data][store]") {
  const support::Folder folder;
  const auto path = folder / "s.store";
  auto data = walks(3);
  data.spaces.observation_names = {"place", "time"};
  tessera::write_store(path, data);
  data.spaces.observation_names = {"place", "speed"};
  CHECK_THAT(error_of([&] { StoreWriter(path).append_all(data); }),
             Contains("s.store: calls number 1 of an observation 'time', and the data to append call it 'speed'"));
  data.spaces.observation_names = {};
  StoreWriter(path).append_all(data);
  CHECK(Store(path).episodes() == 6);
}

TEST_CASE("data sets of all kinds come back to the bit", "[data][store][write]") {
  const support::Folder folder;
  using enum ends;
  for (const auto kind : {action_kind::continuous, action_kind::discrete})
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      std::vector<ends> all;
      for (int i = 0; i < 20; ++i) all.insert(all.end(), {terminated, terminated_unknown, truncated});
      all.push_back(open);
      auto data = support::made_data(kind, all, seed);
      data.spaces.observation_names = {"position[0]", "agent, \"velocity\"", "\xce\xb1\n"};
      data.spaces.observation_low = {-4.8f, -INFINITY, 1e-42f},
      data.spaces.observation_high = {0.1f, INFINITY, 3.4e38f};
      data.spaces.action_names = {"left", "NaN"};
      data.task = {.environment = "Cart-v1", .max_steps = 9, .score_zero = -0.1, .score_hundred = 1e300};
      const auto path = folder / (std::to_string(int(kind)) + std::to_string(seed) + ".store");
      CHECK(tessera::write_dataset(path, data).empty());
      const auto back = tessera::load_dataset(path);
      require_equal(data, back);
      CHECK(back.spaces == data.spaces);
      CHECK((back.task.environment == "Cart-v1" && back.task.max_steps == 9 && back.task.score_zero == -0.1 &&
             back.task.score_hundred == 1e300));
    }
  // Limits, and a score that is unknown.
  auto arm = support::made_data(action_kind::continuous, std::vector<ends>(9, truncated), 5);
  arm.action_low = {-3.1e38f, -4}, arm.action_high = {3.4e38f, 1e20f}, arm.limits_from = tessera::limits_origin::user;
  tessera::write_dataset(folder / "arm.store/", arm);
  require_equal(arm, tessera::load_dataset(folder / "arm.store"));
  CHECK(std::isnan(tessera::load_dataset("store:" + (folder / "arm.store")).task.score_zero));
  // The actions of rows that are no transitions were seen too.
  arm.limits_from = tessera::limits_origin::seen, arm.action_low[1] = -3.4e38f, arm.action_high[1] = 3.4e38f;
  arm.action_low[0] = -3.4e38f, arm.action_high[0] = 3.4e38f;
  tessera::write_dataset(folder / "seen.store", arm);
  require_equal(arm, tessera::load_dataset(folder / "seen.store"));
}

TEST_CASE("it is replaced only by its like", "[data][store][write]") {
  const support::Folder folder;
  const auto path = folder / "a.store";
  tessera::write_dataset(path, walks(3));
  CHECK_THAT(error_of([&] { tessera::write_dataset(path, walks(4)); }), Contains("is there already"));
  tessera::write_dataset(path, walks(4), {.overwrite = true});
  append(StoreWriter(path), 4, 6);
  require_equal(walks(6), tessera::load_dataset(path));
  tessera::write_dataset(path, walks(5), {.overwrite = true});
  require_equal(walks(5), tessera::load_dataset(path));
  write_bytes(path + "/notes.txt", "mine");
  CHECK_THAT(error_of([&] { tessera::write_dataset(path, walks(4), {.overwrite = true}); }),
             Contains("holds other things"));
  CHECK_THAT(error_of([&] { StoreWriter::create(path, {.observation_size = 2, .action_size = 1}); }),
             Contains("is there already"));
  CHECK(folder.files() == 1);
}

TEST_CASE("one-hot states are held as indices, until one comes that is none", "[data][store]") {
  const support::Folder folder;
  const auto path = folder / "states.store";
  const auto state = [](int s) {
    floats x(50, 0.0f);
    x[std::size_t(s)] = 1;
    return x;
  };
  const auto episode = [&](const std::vector<int>& states) {
    floats x;
    for (const int s : states) {
      const auto one = state(s);
      x.insert(x.end(), one.begin(), one.end());
    }
    return x;
  };
  EpisodeLog log("states", "made", action_kind::discrete, 50, 3);
  const auto a = episode({7, 0, 49}), b = episode({3, 3}), c = episode({1, 2});
  auto odd = c;
  odd[50] = -0.0f;  // equal to 0, but not to the bit
  const whole two = {2, 0}, one = {1};
  const floats r2 = {1, 2}, r1 = {3};
  {
    auto store = StoreWriter::create(path, {.kind = action_kind::discrete, .observation_size = 50, .action_size = 3});
    for (auto* to : {&log})
      to->add({.observations = a, .action_indices = two, .rewards = r2, .terminated = true}),
          to->add({.observations = b, .action_indices = one, .rewards = r1, .truncated = true});
    store.append({.observations = a, .action_indices = two, .rewards = r2, .terminated = true});
    store.append({.observations = b, .action_indices = one, .rewards = r1, .truncated = true});
    CHECK(fs::file_size(path + "/observations.u32") == 5 * 4);
    const Store open(path);
    CHECK((open.one_hot() && open.action_index(0) == 2 && open.action_index(2) == 1));
    floats x(50);
    open.next_observation(1, x.data());
    CHECK(x == state(49));
    CHECK_THAT(error_of([&] { (void)open.action(0); }), Contains("discrete"));
    auto before = log;
    require_equal(before.finish(), tessera::load_dataset(path));

    // It cannot be written: the store is as it was, and goes on.
    fs::create_directory(path + "/observations.f32");
    write_bytes(path + "/observations.f32/x", "");
    CHECK_THAT(error_of([&] { store.append({.observations = odd, .action_indices = one, .rewards = r1}); }),
               Contains("cannot be written"));
    fs::remove_all(path + "/observations.f32");
    store.append({.observations = b, .action_indices = one, .rewards = r1});
    CHECK((Store(path).one_hot() && Store(path).episodes() == 3));
    store.append({.observations = odd, .action_indices = one, .rewards = r1});
    CHECK((!Store(path).one_hot() && !fs::exists(path + "/observations.u32")));
  }
  StoreWriter(path).append({.observations = c, .action_indices = one, .rewards = r1});
  log.add({.observations = b, .action_indices = one, .rewards = r1});
  log.add({.observations = odd, .action_indices = one, .rewards = r1});
  log.add({.observations = c, .action_indices = one, .rewards = r1});
  require_equal(log.finish(), tessera::load_dataset(path));
}

TEST_CASE("bad episodes are refused, and the store goes on", "[data][store]") {
  const support::Folder folder;
  const auto path = folder / "walks.store";
  auto store = append(
      StoreWriter::create(path, {.observation_size = 2, .action_size = 1, .action_low = {-1}, .action_high = {5}}), 0,
      3);
  auto bad = Walk(3);
  bad.r[2] = NAN;
  CHECK_THAT(error_of([&] { store.append(bad.rows()); }), Contains("episode 3: rewards is NaN in row 2"));
  bad = Walk(3), bad.a[1] = 6;
  CHECK_THAT(error_of([&] { store.append(bad.rows()); }),
             Contains("episode 3: actions is 6 in row 1, column 0, beyond the declared limits -1 to 5"));
  bad = Walk(3), bad.x.pop_back();
  CHECK_THAT(error_of([&] { store.append(bad.rows()); }), Contains("episode 3: observations holds 9 numbers"));
  CHECK_THAT(error_of([&] { store.append_all(support::made_data(action_kind::discrete, {ends::truncated})); }),
             Contains("observations of 2 and actions of 1") && Contains("other kind"));
  CHECK_THAT(error_of([&] { StoreWriter{path}; }), Contains("another program is appending"));
  auto beyond = walks(2);
  beyond.actions[2] = 5.5f;
  CHECK_THAT(error_of([&] { store.append_all(beyond); }),
             Contains("walks: actions is 5.5 in row 2, column 0, beyond the declared limits -1 to 5"));
  CHECK(store.episodes() == 3);
  store.append_all(walks(2));
  const auto data = tessera::load_dataset(path);
  CHECK((data.episodes.size() == 5 && data.action_low == floats{-1} && data.action_high == floats{5} &&
         data.limits_from == tessera::limits_origin::file));
  CHECK(data.episodes[3].first == walks(3).size());

  CHECK_THAT(error_of([&] { StoreWriter::create(folder / "b.store", {.action_size = 1}); }),
             Contains("observation_size is 0"));
  CHECK_THAT(error_of([&] {
               StoreWriter::create(folder / "b.store", {.observation_size = 2, .action_size = 1, .action_low = {1}});
             }),
             Contains("action_high"));
  tessera::StoreShape named{.observation_size = 2, .action_size = 1};
  named.spaces.observation_names = {"x"};
  CHECK_THAT(error_of([&] { StoreWriter::create(folder / "b.store", named); }), Contains("observation_names holds 1"));
  StoreWriter::create(folder / "empty.store", {.observation_size = 2, .action_size = 1});
  CHECK_THAT(error_of([&] { tessera::load_dataset(folder / "empty.store"); }), Contains("holds no transitions yet"));
  CHECK(folder.files() == 2);
  // The last step of a log that does not say where it led.
  const floats x = {1, 2, 3, 4}, a = {0, 0}, r = {1, 1};
  StoreWriter(folder / "empty.store").append({.observations = x, .actions = a, .rewards = r, .truncated = true});
  const auto cut = tessera::load_dataset(folder / "empty.store");
  REQUIRE(cut.warnings.size() == 1);
  CHECK((cut.size() == 1 && cut.warnings[0].name == "dropped-last-rows"));
}

TEST_CASE("what a killed writer left of an episode is not seen, and is removed", "[data][store]") {
  const support::Folder folder;
  const auto path = folder / "walks.store";
  append(StoreWriter::create(path, {.observation_size = 2, .action_size = 1}), 0, 5);
  // Any part of the columns of the next episodes may be there.
  const auto later = folder / "later.store";
  fs::copy(path, later, fs::copy_options::recursive);
  append(StoreWriter(later), 5, 9);
  for (const auto& entry : fs::directory_iterator(path)) {
    const auto name = entry.path().filename().string();
    if (name == "store.json" || name == "lock") continue;
    const auto more = bytes_of(later + "/" + name);
    REQUIRE(more.size() > entry.file_size());
    write_bytes(entry.path().string(), more.substr(0, more.size() - 3));
    require_equal(walks(5), tessera::load_dataset(path));
  }
  write_bytes(path + "/observations.u32", "left of a change of the column");
  { const StoreWriter opened(path); }
  CHECK(!fs::exists(path + "/observations.u32"));
  for (const auto& entry : fs::directory_iterator(later))
    if (const auto name = entry.path().filename().string(); name != "store.json" && name != "lock")
      CHECK(fs::file_size(path + "/" + name) < entry.file_size());
  append(StoreWriter(path), 5, 9);
  require_equal(walks(9), tessera::load_dataset(path));
  CHECK(Store(path).hash() == Store(later).hash());
}

TEST_CASE("a kill at any time loses at most the unfinished episode", "[data][store]") {
  const support::Folder folder;
  const auto path = folder / "walks.store";
  StoreWriter::create(path, {.observation_size = 2, .action_size = 1});
  tessera::Random random(3);
  std::int64_t before = 0, in_the_middle = 0;
  for (int kill_number = 0; kill_number < 40; ++kill_number) {
    int told[2];
    REQUIRE(::pipe(told) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(told[0]);
      try {
        StoreWriter store(path);
        for (auto e = before;; ++e) {
          store.append(Walk(e).rows());
          if (::write(told[1], "e", 1) != 1) ::_exit(1);
        }
      } catch (...) {
        ::_exit(1);
      }
    }
    ::close(told[1]);
    char byte;
    // After an episode or none, and then some time into the next.
    const auto episodes = std::int64_t(random.below(3));
    std::int64_t finished = 0;
    while (finished < episodes && ::read(told[0], &byte, 1) == 1) ++finished;
    REQUIRE(finished == episodes);
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(3000)));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    while (::read(told[0], &byte, 1) == 1) ++finished;
    ::close(told[0]);

    const Store store(path);
    REQUIRE(store.episodes() >= before + finished);
    REQUIRE(store.episodes() <= before + finished + 1);  // one may be in it that was not yet told of
    store.require_intact();
    for (const auto* column : {"rewards.f32", "actions.f32"})
      in_the_middle += fs::file_size(path + "/" + column) != std::uint64_t(store.size()) * 4;
    before = store.episodes();
    if (before > 0) REQUIRE(difference(walks(before), tessera::load_dataset(path)) == "");
  }
  WARN("killed 40 times within " << before << " episodes; " << in_the_middle << " columns had a part of an episode");
  append(StoreWriter(path), before, before + 5);
  require_equal(walks(before + 5), tessera::load_dataset(path));
  for (const auto& entry : fs::directory_iterator(path))
    CHECK(entry.path().filename().string().find(".tmp-") == std::string::npos);
}

TEST_CASE("a full disk leaves the store as it was", "[data][store]") {
  const support::Folder folder;
  const auto path = folder / "walks.store";
  append(StoreWriter::create(path, {.observation_size = 2, .action_size = 1}, 100), 0, 400);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // No file may become larger than the largest column is, so that an append fails in the middle.
    std::signal(SIGXFSZ, SIG_IGN);
    int code = 1;
    try {
      auto store = append(StoreWriter(path), 400, 402);
      const struct rlimit limit { fs::file_size(path + "/episodes.48") + 20, RLIM_INFINITY };
      ::setrlimit(RLIMIT_FSIZE, &limit);
      try {
        append(std::move(store), 402, 403);
      } catch (const tessera::Error& error) {
        code = std::string(error.what()).find("cannot be written") != std::string::npos ? 0 : 2;
      }
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  require_equal(walks(402), tessera::load_dataset(path));
}

TEST_CASE("stores that were damaged or made up are refused in one line", "[data][store]") {
  const support::Folder folder;
  const auto good = folder / "good.store", path = folder / "bad.store";
  append(StoreWriter::create(good, {.observation_size = 2, .action_size = 1}), 0, 5);
  const auto refused = [&](auto&& damage) {
    fs::remove_all(path);
    fs::copy(good, path, fs::copy_options::recursive);
    damage();
    const auto error = error_of([&] { tessera::load_dataset(path); });
    CHECK_THAT(error, Contains("bad.store") && !Contains("\n"));
    // Whatever it says, no access to a part of it leaves what is there.
    try {
      const Store store(path);
      floats x(std::size_t(store.shape().observation_size));
      for (std::int64_t i = 0; i < store.size(); ++i)
        store.observation(i, x.data()), store.next_observation(i, x.data());
    } catch (const tessera::Error&) {
    }
    return error;
  };
  const auto record = [&](const std::string& from, const std::string& to, bool sign = true) {
    return refused([&] { change_record(path, from, to, sign); });
  };
  for (const auto& entry : fs::directory_iterator(good)) {
    const auto name = entry.path().filename().string();
    if (name == "store.json" || name == "lock") continue;
    INFO(name);
    const auto bytes = bytes_of(entry.path().string());
    CHECK_THAT(refused([&] { write_bytes(path + "/" + name, bytes.substr(0, bytes.size() - 1)); }),
               Contains(name) && Contains("it was cut"));
    CHECK_THAT(refused([&] { write_bytes(path + "/" + name, ""); }), Contains("it was cut"));
    CHECK_THAT(refused([&] { fs::remove(path + "/" + name); }), Contains(name) && Contains("incomplete"));
    auto other = bytes;
    other[bytes.size() / 2] = char(other[bytes.size() / 2] ^ 1);
    CHECK_THAT(refused([&] { write_bytes(path + "/" + name, other); }),
               Contains(name) && Contains("does not hold what was written"));
    CHECK_THAT(refused([&] {
                 fs::rename(path + "/" + name, folder / "outside");
                 fs::create_symlink(folder / "outside", path + "/" + name);
               }),
               Contains("leads out of the folder"));
    CHECK_THAT(refused([&] {
                 fs::remove(path + "/" + name);
                 fs::create_directory(path + "/" + name);
               }),
               Contains("is not a regular file"));
  }
  CHECK_THAT(record("\"tessera_store\":1", "\"tessera_store\":2"),
             Contains("version 2") && Contains("version 1 is read"));
  CHECK_THAT(record("\"tessera_store\":1", "\"tessera_store\":\"\\u001b\""), Contains("version") && !Contains("\x1b"));
  CHECK_THAT(record("tessera_store", "something"), Contains("not the record of a store"));
  CHECK_THAT(record("\"transitions\":15", "\"transitions\":14", false), Contains("checksum"));
  CHECK_THAT(record("\"transitions\":15", "\"transitions\":16"), Contains("it was cut"));
  CHECK_THAT(record("\"transitions\":15", "\"transitions\":281474976710656"), Contains("it was cut"));
  for (const char* absurd : {"-1", "9223372036854775807", "1e300", "18446744073709551616", "1.5", "null", "[]"})
    for (const char* key :
         {"transitions\":15", "episodes\":5", "stored_observations\":20", "observation_size\":2", "action_size\":1"}) {
      const std::string from = key;
      CHECK_THAT(record(from, from.substr(0, from.find(':') + 1) + absurd), Contains("is not a whole number"));
    }
  CHECK_THAT(record("\"observation_size\":2", "\"observation_size\":2147483648"), Contains("it was cut"));
  CHECK_THAT(record("\"one_hot\":false", "\"one_hot\":true"), Contains("observations.u32"));
  CHECK_THAT(record("\"continuous\"", "\"sideways\""), Contains("neither continuous nor discrete"));
  CHECK_THAT(record("\"from\":\"seen\"", "\"from\":\"\\u001bx\""), Contains("origin of the limits"));
  CHECK_THAT(record("\"seen_low\":[0.0]", "\"seen_low\":[]"), Contains("action_low holds 0"));
  CHECK_THAT(record("\"observation_names\":[]", "\"observation_names\":[\"x\"]"),
             Contains("observation_names holds 1"));
  CHECK_THAT(record("\"observation_names\":[]", "\"observation_names\":[1]"), Contains("not a text"));
  CHECK_THAT(record("\"observation_low\":[]", "\"observation_low\":[1e300,0]"), Contains("not a number"));
  CHECK_THAT(record("\"action_factors\":[]", "\"action_factors\":[-3]"), Contains("action_factors"));
  CHECK_THAT(record("\"hashes\"", "\"hashed\""), Contains("hashes"));
  CHECK_THAT(refused([&] { write_bytes(path + "/store.json", "{"); }), Contains("is not the JSON"));
  CHECK_THAT(refused([&] { write_bytes(path + "/store.json", std::string(100'000, '[')); }), Contains("nested"));
  CHECK_THAT(refused([&] {
               fs::rename(path + "/store.json", folder / "record");
               fs::create_symlink(folder / "record", path + "/store.json");
             }),
             Contains("leads out of the folder"));
  CHECK_THAT(error_of([&] { tessera::load_dataset(good + "?x=1"); }), Contains("no option 'x'"));
  CHECK_THAT(error_of([&] { Store{folder / "none.store"}; }), Contains("check the path"));
}

TEST_CASE("numbers that only their use shows to be wrong are refused", "[data][store]") {
  // The hashes of a store that was made up agree with what is in it.
  const support::Folder folder;
  const auto path = folder / "bad.store";
  const auto refused = [&](const std::string& file, std::size_t at, const std::string& bytes, std::size_t column,
                           std::uint64_t element, bool one_hot = false) {
    fs::remove_all(path);
    if (one_hot) {
      const floats x = {1, 0, 0, 1}, r = {1};
      const whole a = {1};
      StoreWriter::create(path, {.kind = action_kind::discrete, .observation_size = 2, .action_size = 2})
          .append({.observations = x, .action_indices = a, .rewards = r});
    } else {
      append(StoreWriter::create(path, {.observation_size = 2, .action_size = 1}), 0, 5);
    }
    auto all = bytes_of(path + "/" + file);
    const auto hash = [&] {
      return tessera::hash_text(
          tessera::detail::column_hash(tessera::ContentHash().value(), all.data(), all.size(), element));
    };
    const auto before = hash();
    all.replace(at, bytes.size(), bytes);
    write_bytes(path + "/" + file, all);
    static const char* const names[] = {"observations", "observation_row", "next_observation_row", "actions", "rewards",
                                        "ends",         "episodes"};
    const auto name = std::string("\"") + names[column] + "\":\"";
    change_record(path, name + before, name + hash());
    const Store store(path);
    store.require_intact();
    const auto used = error_of([&] {
      floats x(2);
      for (std::int64_t i = 0; i < store.size(); ++i) {
        store.observation(i, x.data()), store.next_observation(i, x.data());
        if (one_hot) (void)store.action_index(i);
      }
    });
    const auto error = error_of([&] { tessera::load_dataset(path); });
    CHECK_THAT(error, Contains("bad.store") && !Contains("\n"));
    return used + " | " + error;
  };
  const auto number = [](std::int64_t x, std::size_t size = 8) {
    std::string out(size, '\0');
    std::memcpy(out.data(), &x, size);
    return out;
  };
  for (const std::int64_t row : {std::int64_t{20}, std::int64_t{-1}, std::int64_t{1} << 62}) {
    CHECK_THAT(
        refused("observation_row.i64", 8, number(row), 1, 8),
        Contains("names the observation") && Contains("observation_row is " + std::to_string(row) + " in row 1"));
    CHECK_THAT(refused("next_observation_row.i64", 0, number(row), 2, 8),
               Contains("names the observation") && Contains("next_observation_row is"));
  }
  CHECK_THAT(refused("rewards.f32", 0, number(0x7fc00000, 4), 4, 4), Contains("rewards is NaN in row 0"));
  CHECK_THAT(refused("ends.u8", 3, "\x08", 5, 1), Contains("the mark of row 3"));
  CHECK_THAT(refused("episodes.48", 0, number(1), 6, 8), Contains("episode 0 begins at transition 1"));
  CHECK_THAT(refused("episodes.48", 8, number(INT64_MAX), 6, 8), Contains("episode 0"));
  CHECK_THAT(refused("episodes.48", 48 + 16, number(INT64_MAX), 6, 8),
             Contains("episode 1 has 9223372036854775807 rows"));
  CHECK_THAT(refused("observations.u32", 4, number(2, 4), 0, 4, true), Contains("has its 1 at 2 of 2"));
  CHECK_THAT(refused("actions.i64", 0, number(2), 3, 8, true), Contains("action_indices is 2 in row 0"));
}

TEST_CASE("what unpacks to more than the memory is refused before it is taken", "[data][store]") {
  const support::Folder folder;
  const auto path = folder / "large.store";
  const floats x = {1, 0, 0, 1}, r = {1};
  const whole a = {1};
  StoreWriter::create(path, {.kind = action_kind::discrete, .observation_size = 2, .action_size = 2})
      .append({.observations = x, .action_indices = a, .rewards = r});
  change_record(path, "\"observation_size\":2", "\"observation_size\":2147483648");
  CHECK_THAT(error_of([&] { tessera::load_dataset(path); }), Contains("takes 17.18 GB of memory"));
}

TEST_CASE("a store has the propensities of a log that has them", "[data][store]") {
  const support::Folder folder;
  const auto path = folder / "p.store";
  const floats x = {0, 0, 1, 0, 2, 0}, a = {0.1f, 0.2f}, r = {1, 2}, p = {0.5f, 2.5f};
  const EpisodeRows rows{.observations = x, .actions = a, .rewards = r, .propensities = p, .truncated = true};
  {
    auto store = StoreWriter::create(path, {.observation_size = 2, .action_size = 1, .propensities = true});
    store.append(rows);
    store.append(rows);
    auto without = rows;
    without.propensities = {};
    CHECK_THAT(error_of([&] { store.append(without); }),
               Contains("has propensities, and what is to be appended has none"));
    auto wrong = rows;
    const floats zero = {0.5f, 0};
    wrong.propensities = zero;
    CHECK_THAT(error_of([&] { store.append(wrong); }), Contains("propensity is 0 in row 1"));
  }
  const Store store(path);
  CHECK(store.propensity(1) == 2.5f);
  const auto data = store.dataset();
  CHECK(data.propensities == floats{0.5f, 2.5f, 0.5f, 2.5f});
  StoreWriter(path).append_all(data);
  const auto on_disk = tessera::store_on_disk(path);
  CHECK((on_disk.has_propensities() && on_disk.size() == 8));
  tessera::RowReader reader(on_disk);
  CHECK(*reader.propensity(5) == 2.5f);
  const auto again = tessera::load_untrusted(path);
  CHECK(again.propensities.size() == 8);
  // They are a part of what the data contain, and of what CSV holds; others say that they do not.
  CHECK(tessera::content_hash(again) == tessera::content_hash(on_disk));
  auto bare = again;
  bare.propensities.clear();
  CHECK(tessera::content_hash(bare) != tessera::content_hash(again));
  CHECK_THAT(error_of([&] { StoreWriter(path).append_all(bare); }), Contains("has propensities"));
  CHECK(tessera::write_dataset(folder / "a.csv", again).empty());
  CHECK(tessera::load_dataset(folder / "a.csv").propensities == again.propensities);
  const auto lost = tessera::write_dataset(folder / "a.hdf5", again);
  CHECK((!lost.empty() && lost[0].name == "propensities"));
  // A changed column is found.
  auto bytes = bytes_of(path + "/propensities.f32");
  bytes[0] ^= 1;
  write_bytes(path + "/propensities.f32", bytes);
  CHECK_THAT(error_of([&] { tessera::load_dataset(path); }),
             Contains("propensities.f32: does not hold what was written"));
}
