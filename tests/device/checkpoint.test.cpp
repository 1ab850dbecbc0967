#include <tessera/checkpoint.hpp>

#include <map>
#include <string>

#include <tessera/algorithms.hpp>

#include "device/updates.hpp"
#include "helpers/files.hpp"

using namespace tessera;

TEST_CASE("a checkpoint of another device is that of the CPU, and is read on either", "[device][checkpoint]") {
  const auto device = support::other_device();
  const support::Folder folder;
  const Normalizer units{{0.1f, 0, -0.2f}, {1, 2, 0.5f}, 0.5f, 0.1f, {-1, -2}, {1, 3}};
  const auto made = [&](const at::Device& where) {
    return Mopo(problem_spec<torch_backend>{3, 2, 7, where}, nn::Units(Normalizer(units)),
                support::small_networks<recipes::Mopo>());
  };
  auto here = made(at::kCPU), there = made(device);
  const auto a = folder / "a.safetensors", b = folder / "b.safetensors";
  save_checkpoint(here, a), save_checkpoint(there, b);
  const auto bytes = support::bytes_of(a);
  CHECK(support::bytes_of(b) == bytes);
  for (const auto& where : {device, at::Device(at::kCPU)}) {
    auto back = load_checkpoint<Mopo>(b, where);
    back.each_buffer([&]<class T>(const std::string& name, T& x) {
      INFO(name);
      if constexpr (std::is_same_v<T, at::Tensor>) CHECK(x.device() == where);
    });
    save_checkpoint(back, a);
    CHECK(support::bytes_of(a) == bytes);
  }
  there.each_buffer([&]<class T>(const std::string& name, T& x) {
    if constexpr (std::is_same_v<T, at::Tensor>)
      if (name == "critic/parameters") x.view({-1}).select(0, 5).fill_(NAN);
  });
  CHECK_THROWS_AS(save_checkpoint(there, b), Diverged);
  CHECK(support::bytes_of(b) == bytes);
}
