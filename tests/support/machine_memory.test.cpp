#include <tessera/support/machine_memory.hpp>

#include <sys/resource.h>
#include <sys/wait.h>

#include <limits>

#include <tessera/options/network.hpp>

#include "helpers/files.hpp"

using namespace tessera;
using Catch::Contains;

TEST_CASE("memory is that of the machine, or less where a limit says so", "[data][memory]") {
  const auto max = machine_memory();
  CHECK(max > 100'000'000);
  CHECK(max < std::uint64_t{1} << 50);
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit less{std::uint64_t{1} << 29, std::uint64_t{1} << 29};
    _exit(setrlimit(RLIMIT_AS, &less) == 0 && machine_memory() <= less.rlim_cur ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);

  CHECK_NOTHROW(check_memory(max, "this", "do that"));
  CHECK_THAT(support::error_of([&] { check_memory(max + 1, "this", "do that"); }),
             Contains("this needs ") && Contains("(" + std::to_string(max + 1) + " bytes) of memory, and there are ") &&
                 Contains("; do that"));
}

TEST_CASE("bytes are said in units that one reads, and exactly", "[data][memory]") {
  CHECK(exact_bytes_text(0) == "0 bytes");
  CHECK(exact_bytes_text(15244) == "15244 bytes");
  CHECK(exact_bytes_text(1'234'567) == "1.23 MB (1234567 bytes)");
  CHECK(exact_bytes_text(17'179'869'184) == "17.18 GB (17179869184 bytes)");
  CHECK(exact_bytes_text(std::numeric_limits<std::uint64_t>::max()) == "more bytes than 64 bits count");
}

TEST_CASE("the size of a network is counted without overflow", "[data][memory]") {
  MlpOptions h;
  h.hidden = {256, 256};
  // Tensors are filled up to a multiple of 16: 3 x 256, 256, 256 x 256, 256, 256 x 1, 1.
  CHECK(mlp_row(h, 3, {1}) == 768 + 256 + 65536 + 256 + 256 + 16);
  CHECK(network_bytes(h, 3, 0, {1}, false) == 4 * 4 * mlp_row(h, 3, {1}));
  CHECK(network_bytes(h, 3, 10, {1}, true) == 4 * 5 * 10 * mlp_row(h, 3, {1}));
  h.layer_norm = true;
  CHECK(mlp_row(h, 3, {1, 5}) == 768 + 3 * 256 + 65536 + 3 * 256 + 256 + 16 + 16);
  constexpr auto max = std::numeric_limits<std::uint64_t>::max();
  h.hidden = {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max()};
  CHECK(network_bytes(h, 3, 1, {1}, true) == max);
  h.hidden = {1 << 30, 1 << 30};
  CHECK(network_bytes(h, 3, 1 << 30, {1}, true) == max);
  h.hidden = {4, 0};
  CHECK_THAT(support::error_of([&] { (void)mlp_row(h, 3, {1}); }), Contains("a layer of 0 units"));
  h.hidden.assign(1001, 1);
  CHECK_THAT(support::error_of([&] { (void)mlp_row(h, 3, {1}); }), Contains("1001 hidden layers"));
}
