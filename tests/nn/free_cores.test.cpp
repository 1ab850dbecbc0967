#include <tessera/nn/free_cores.hpp>

#include <catch2/catch.hpp>

using tessera::nn::FreeCores;

namespace {
constexpr auto ms = FreeCores::millisecond;
}

TEST_CASE("a third of a core lost leaves a worker out, and less does not", "[nn][free_cores]") {
  FreeCores two(2);
  CHECK(two.threads() == 2);
  two.judge(10 * ms, 9 * ms, 3 * ms - 1);
  CHECK(two.threads() == 2);
  two.judge(20 * ms, 9 * ms, 3 * ms);
  CHECK(two.threads() == 1);
  two.judge(30 * ms, 9 * ms, 9 * ms);  // of a worker that was left out: the caller stays
  CHECK(two.threads() == 1);
}

TEST_CASE("as many workers as cores are lost are left out", "[nn][free_cores]") {
  for (const auto& [lost, left] : {std::pair{4, 7}, {10, 7}, {14, 7}, {15, 6}, {26, 5}, {100, 1}}) {
    FreeCores eight(8);
    eight.judge(0, 10 * ms, lost * ms);
    CAPTURE(lost);
    CHECK(eight.threads() == left);
  }
  FreeCores one(1);
  one.judge(0, 10 * ms, 10 * ms);
  CHECK(one.threads() == 1);
}

TEST_CASE("all are tried again after 20 ms, then after 80, 320, 1280", "[nn][free_cores]") {
  FreeCores cores(2);
  FreeCores::nanoseconds time = 0;
  for (const auto hold : {20, 80, 320, 1280, 1280}) {
    CAPTURE(hold);
    cores.judge(time, 8 * ms, 4 * ms);
    REQUIRE(cores.threads() == 1);
    cores.judge(time + hold * ms - 1, 8 * ms, 0);
    CHECK(cores.threads() == 1);
    time += hold * ms;
    cores.judge(time, 8 * ms, 0);
    CHECK(cores.threads() == 2);
    time += 8 * ms;
  }
  // Each window in which nothing is lost halves it: six of them, and a further one, which cannot.
  for (int i = 0; i < 7; ++i) cores.judge(time += 8 * ms, 8 * ms, 0);
  cores.judge(time, 8 * ms, 4 * ms);
  cores.judge(time + 20 * ms, 8 * ms, 0);
  CHECK(cores.threads() == 2);
}
