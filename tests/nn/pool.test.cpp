#include <tessera/nn/pool.hpp>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

using tessera::nn::Pool;

namespace {
// How often each task of a call was run.
std::vector<int> counts(Pool& pool, std::int64_t tasks) {
  std::vector<std::atomic<int>> ran(static_cast<std::size_t>(tasks));
  auto task = [&](std::int64_t i) { ++ran[std::size_t(i)]; };
  pool.run(tasks, task);
  return {ran.begin(), ran.end()};
}
bool each_once(const std::vector<int>& x) {
  return std::all_of(x.begin(), x.end(), [](int n) { return n == 1; });
}
}  // namespace

TEST_CASE("every task is run once, however many threads take part", "[nn][pool]") {
  const int threads = GENERATE(1, 2, 3, 8);
  Pool pool(threads);
  CHECK(pool.threads() == threads);
  for (int used = 0; used <= threads + 1; ++used) {
    pool.use(used);
    CHECK(pool.threads() == threads);  // results are of these
    if (used > 0) CHECK(pool.used() == std::min(used, threads));
    for (int round = 0; round < 200; ++round)
      for (const std::int64_t tasks : {0, 1, 2, 3, 17}) REQUIRE(each_once(counts(pool, tasks)));
  }
}

TEST_CASE("workers are left out and come back, again and again", "[nn][pool]") {
  Pool pool(4);
  for (int round = 0; round < 500; ++round) {
    pool.use(1 + round % 4);
    REQUIRE(each_once(counts(pool, 9)));
    if (round % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // they have gone to sleep
  }
}

TEST_CASE("one thread that takes part runs the tasks in order, in the caller", "[nn][pool]") {
  Pool pool(3);
  pool.use(1);
  std::vector<std::int64_t> order;
  const auto caller = std::this_thread::get_id();
  auto task = [&](std::int64_t i) {
    order.push_back(i);
    CHECK(std::this_thread::get_id() == caller);
  };
  pool.run(5, task);
  CHECK(order == std::vector<std::int64_t>{0, 1, 2, 3, 4});
}

TEST_CASE("a caller waits for a task that another thread holds", "[nn][pool]") {
  Pool pool(2);
  pool.use(2);
  // Each task waits until both have begun: two threads hold one each, and the slow one outlasts any spinning.
  std::atomic<int> begun = 0, done = 0;
  const auto caller = std::this_thread::get_id();
  for (int round = 0; round < 3; ++round) {
    begun = done = 0;
    auto task = [&](std::int64_t) {
      ++begun;
      while (begun < 2) std::this_thread::yield();
      if (std::this_thread::get_id() != caller) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ++done;
    };
    pool.run(2, task);
    CHECK(done == 2);
  }
}

TEST_CASE("a task may hand out tasks, and several threads may call at once", "[nn][pool]") {
  Pool pool(3);
  pool.use(GENERATE(0, 1, 2, 3));
  std::atomic<int> inner = 0;
  auto outer = [&](std::int64_t) {
    auto task = [&](std::int64_t) { ++inner; };
    pool.run(5, task);
  };
  for (int round = 0; round < 100; ++round) pool.run(4, outer);
  CHECK(inner == 100 * 4 * 5);
  std::atomic<int> wrong = 0;
  const auto caller = [&] {
    for (int round = 0; round < 300; ++round) wrong += !each_once(counts(pool, 7));
  };
  std::thread a(caller), b(caller);
  caller();
  a.join(), b.join();
  CHECK(wrong == 0);
}
