#pragma once
#include <string>

#include <tessera/deploy/program.hpp>

namespace tessera::deploy {
/// The program as an ONNX model (operators of version 17, IR of version 8), in the bytes of its protobuf.
///   inputs:   observation (B, n), and where the policy draws, noise (R, d);  float32
///   outputs:  action (B, h d) float32, or (B) codes of 64 bits; observation_finite (B), which is false where an
///             observation has a number that is not finite: the action is then none
/// B is free, or 1 of a policy that chooses among draws.  Metadata: algorithm, hash, and the structure of
/// `policy_structure`.  Source: onnx.proto of ONNX 1.13.
std::string onnx_bytes(const Program& p);
void write_onnx(const Program& p, const std::string& path);
}  // namespace tessera::deploy

#ifndef TESSERA_COMPILED
#include <tessera/deploy/onnx.impl.hpp>
#endif
