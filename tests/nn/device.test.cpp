#include <tessera/nn/device.hpp>
//
#include <catch2/catch.hpp>

using tessera::Error;
using tessera::nn::device;

TEST_CASE("devices by name", "[nn][device]") {
  CHECK(device("cpu") == at::Device(at::kCPU));
  for (const char* wrong :
       {"", "gpu", "CPU", "cpu:0", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda:99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(device(wrong), Error);
  }
  if (!at::hasCUDA()) {
    CHECK_THROWS_WITH(device("cuda"), Catch::Contains("has no CUDA") && Catch::Contains("use cpu"));
  } else if (at::detail::getCUDAHooks().getNumGPUs() > 0) {
    CHECK(device("cuda") == at::Device(at::kCUDA, 0));
  }
}
