#pragma once
#include <string>

#include <tessera/nn/tensor.hpp>
#include <tessera/support/error.hpp>

namespace tessera::nn {
/// "cpu", "cuda" or "cuda:i".  Throws an Error if this libtorch, or this machine, has no such device.
at::Device device(const std::string& text);
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/device.impl.hpp>
#endif
