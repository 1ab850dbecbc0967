#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>

#include <ATen/ATen.h>

namespace {
// libtorch seeds its generator from the system: a test that draws without a generator of its own would see other
// numbers in each run, and fail in one of a thousand.
struct Seeded : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseStarting(const Catch::TestCaseInfo&) override { at::manual_seed(0); }
};
CATCH_REGISTER_LISTENER(Seeded)
}  // namespace
