#pragma once
#include <string>

#include <tessera/deploy/program.hpp>

namespace tessera::nn {
/// The program as TorchScript:  forward(observation)  or  forward(observation, noise), of float32 tensors.  The
/// observation is (n), or (B, n) of a policy that takes no draws, and gives (B, h d), or (B) codes of 64 bits; B is 1
/// where it chooses among draws.  An observation that is not finite is an exception.
std::string torchscript_source(const deploy::Program& p);

/// Writes it as `torch.jit.load` and torch::jit::load read it, with the policy's structure as the further file
/// "policy.json".
void write_torchscript(const deploy::Program& p, const std::string& path);
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/torchscript.impl.hpp>
#endif
