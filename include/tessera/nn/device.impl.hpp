#pragma once
#include <ATen/Context.h>

#include <charconv>
#include <string>

#include <tessera/nn/device.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE at::Device device(const std::string& text) {
  if (text == "cpu") return at::kCPU;
  const auto wrong = [&](const std::string& why) { return Error("device '" + text + "': " + why); };
  int index = 0;
  if (text != "cuda") {
    const char* const end = text.data() + text.size();
    if (!text.starts_with("cuda:") || text.size() == 5 || text[5] == '-')
      throw wrong("there are cpu, cuda and cuda:INDEX");
    if (const auto [at, failure] = std::from_chars(text.data() + 5, end, index); failure != std::errc() || at != end)
      throw wrong("there are cpu, cuda and cuda:INDEX");
  }
  if (!at::hasCUDA())
    throw wrong("the libtorch of this build has no CUDA; use cpu, or build with a libtorch that has it");
  const auto count = int(at::detail::getCUDAHooks().getNumGPUs());
  if (index >= count)
    throw wrong(count == 0 ? "no GPU was found; use cpu"
                           : "there are " + std::to_string(count) + " GPUs, counted from 0");
  return at::Device(at::kCUDA, at::DeviceIndex(index));
}
}  // namespace tessera::nn
