#include <tessera/nn/connect.hpp>
//
#include <ATen/Functions.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <tessera/support/error.hpp>
#include <thread>

#include "helpers/in_ranks.hpp"

using namespace tessera;
using namespace support;
using Catch::Matchers::Contains;

TEST_CASE("a single process is connected with nobody") {
  const auto ranks = nn::connect({});
  auto x = at::full({3}, 2.5);
  ranks->sum(x);
  CHECK(at::equal(x, at::full({3}, 2.5)));
  CHECK(ranks->size() == 1);
  CHECK(nn::ranks_on_host(*ranks) == 1);
}

TEST_CASE("ranks sum, and take what rank 0 has") {
  if (!nn::has_ranks()) {
    CHECK_THROWS_WITH(nn::connect({0, 2, "127.0.0.1", free_port()}), Contains("this build has no c10d with Gloo"));
    return;
  }
  for (const int size : {2, 3}) {
    const auto said = in_ranks(
        size,
        [size](nn::Ranks& ranks) {
          const auto require = [](bool fine, const char* what) {
            if (!fine) throw std::runtime_error(what);
          };
          const int r = ranks.rank();
          auto x = at::arange(4, at::kFloat) * double(r + 1);  // the sum is (1 + ... + W) (0, 1, 2, 3)
          ranks.sum(x);
          require(at::equal(x, at::arange(4, at::kFloat) * double(size * (size + 1) / 2)), "sum of float");
          auto wide = at::full({2, 3}, double(r), at::kDouble).t();  // not contiguous
          ranks.broadcast(wide);
          require(at::equal(wide, at::zeros({3, 2}, at::kDouble)), "broadcast");
          require(nn::text_of_first(ranks, r == 0 ? "of rank 0" : "mine") == "of rank 0", "text");
          require(nn::text_of_first(ranks, "").empty(), "empty text");
          const auto each = nn::of_each(ranks, 10 * r - 1);
          for (int k = 0; k < size; ++k) require(each[std::size_t(k)] == 10 * k - 1, "of each");
          require(nn::on_any(ranks, r == size - 1), "on any");
          require(!nn::on_any(ranks, false), "on none");
          require(nn::ranks_on_host(ranks) == size, "on this host");
          // Longer than the timeout: a rank that works on something else still gives signs of life.
          if (r == 0) std::this_thread::sleep_for(std::chrono::milliseconds(size == 2 ? 3500 : 0));
          require(nn::on_any(ranks, true), "after a while");
        },
        3);
    for (const auto& text : said) CHECK(text == "");
  }
}

TEST_CASE("what a rank says when it ends, the others say too") {
  if (!nn::has_ranks()) return;
  const auto said = in_ranks(3, [](nn::Ranks& ranks) {
    nn::on_any(ranks, true);
    if (ranks.rank() == 1) throw std::runtime_error("its disk is full");
    nn::on_any(ranks, true);
  });
  CHECK(said[1] == "its disk is full");
  CHECK_THAT(said[0], Contains("rank 0 of 3: rank 1 ended: its disk is full"));
  CHECK_THAT(said[2], Contains("rank 2 of 3: rank 1 ended: its disk is full"));
}

TEST_CASE("a rank that never comes is one line, in bounded time") {
  if (!nn::has_ranks()) return;
  const int port = free_port();
  const auto began = std::chrono::steady_clock::now();
  CHECK_THROWS_WITH(nn::connect({0, 2, "127.0.0.1", port}, {.timeout = 1}),
                    Contains("rank 0 of 2: 1 of the ranks have come to 127.0.0.1:" + std::to_string(port) +
                             " within 1 s; look at the others"));
  CHECK_THROWS_WITH(nn::connect({1, 2, "127.0.0.1", free_port()}, {.timeout = 1}),
                    Contains("rank 1 of 2: no answer from rank 0 at 127.0.0.1:"));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(30));
  CHECK_THROWS_WITH(nn::connect({}, {.timeout = 0}), Contains("give more than 0"));
}
