#include <tessera/nn/connect.hpp>
//
#include <ATen/Functions.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <span>
#include <stdexcept>
#include <tessera/support/error.hpp>
#include <thread>
#include <utility>
#include <vector>

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
  CHECK(nn::ranks_on_host(*ranks) == std::vector<int>{0});
}

TEST_CASE("ranks sum, and take what rank 0 has") {
  if (!nn::has_ranks()) {
    CHECK_THROWS_WITH(nn::connect({0, 2, "127.0.0.1", free_port()}), Contains("this build has no c10d with Gloo"));
    return;
  }
  for (const auto& [size, shared] : {std::pair{2, true}, {3, true}, {2, false}}) {
    const auto said = in_ranks(
        size,
        [size = size, shared = shared](nn::Ranks& ranks) {
          const auto require = [](bool fine, const char* what) {
            if (!fine) throw std::runtime_error(what);
          };
          const int r = ranks.rank();
          require(ranks.way() == (shared ? "shared memory" : "Gloo"), "the way");
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
          auto numbers = std::vector<int>{0, 1, 2};
          numbers.resize(std::size_t(size));
          require(nn::ranks_on_host(ranks) == numbers, "on this host");
          // Longer than the timeout: a rank that works on something else still gives signs of life.
          if (r == 0) std::this_thread::sleep_for(std::chrono::milliseconds(size == 2 ? 3500 : 0));
          require(nn::on_any(ranks, true), "after a while");
          // In parts, which only memory in common has: rank r's number i is r + i, and the last one of all asks.
          std::vector<float> parts(40'000);
          const bool in_parts = ranks.sum_parts(
              40'000,
              [r](std::int64_t from, std::span<float> row) {
                for (auto& number : row) number = float(r + from++);
              },
              [&](std::int64_t from, std::span<const float> sums) {
                std::copy(sums.begin(), sums.end(), parts.begin() + from);
              });
          require(in_parts == shared, "in parts");
          for (int i = 0; i < 40'000 && shared; ++i)
            require(parts[std::size_t(i)] == float(size * (size - 1) / 2 + size * i), "a sum in parts");
        },
        3, shared);
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

TEST_CASE("gradients in memory in common become their mean, several in one sum") {
  if (!nn::has_ranks()) return;
  const auto said = in_ranks(2, [](nn::Ranks& ranks) {
    // As in ranks.test.cpp: one in two parts, whose sum is (1 + 3, 2 + 4), one of a single number; the other rank's are
    // (2, 0) and -7.
    nn::JointUpdates joint(ranks);
    const bool one = ranks.rank() == 1;
    const auto first =
        at::tensor(one ? std::vector<float>{2, 0, 0, 0} : std::vector<float>{1, 2, 3, 4}).view({2, 1, 2});
    const auto second = at::tensor(std::vector<float>{one ? -7.0F : 5.0F}).view({1, 1, 1});
    joint.touched(first), joint.touched(second);
    joint.before_step(first), joint.before_step(second);
    if (!at::equal(first.reshape({-1}), at::tensor(std::vector<float>{3, 3, 0, 0})) || second.item<float>() != -1)
      throw std::runtime_error("another mean");
    if (joint.asked_to_stop()) throw std::runtime_error("nobody asks");
    if (one) joint.ask_to_stop();
    joint.before_step(second);
    if (!joint.asked_to_stop()) throw std::runtime_error("not heard");
  });
  for (const auto& text : said) CHECK(text == "");
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
