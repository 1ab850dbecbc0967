#include <tessera/nn/clock.hpp>
//
#include <tessera/nn/graph.hpp>

#include "helpers/device.hpp"

using namespace support;
using namespace tessera;

TEST_CASE("a clock counts updates on its device, recorded ones too", "[nn][clock]") {
  for (const auto& device : {at::Device(at::kCPU), other_device()}) {
    nn::Clock clock(device);
    clock.before(5);
    clock.tick();
    CHECK(clock.update() == 5);
    CHECK(clock.along(5).cpu().item<std::int64_t>() == 5);
    CHECK(clock.along(7).cpu().item<std::int64_t>() == 7);
  }
  const auto device = other_device();
  nn::Clock clock(device);
  clock.before(10);
  const auto graph = nn::graph_on(device);
  at::Tensor seen;
  graph->record([&] {
    clock.tick();
    seen = 2 * clock.along(11);
  });
  for (int k = 10; k < 14; ++k) {
    if (k > 10) clock.before(k), clock.repeated();
    graph->repeat();
    CHECK(seen.cpu().item<std::int64_t>() == 2 * (k + 1));
  }
}

TEST_CASE("a clock runs in its thread while its guard lives", "[nn][clock]") {
  CHECK(nn::Clock::running() == nullptr);
  nn::Clock outer(at::kCPU), inner(at::kCPU);
  {
    const nn::Clock::Running one(outer);
    {
      const nn::Clock::Running two(inner);
      CHECK(nn::Clock::running() == &inner);
    }
    CHECK(nn::Clock::running() == &outer);
  }
  CHECK(nn::Clock::running() == nullptr);
}
