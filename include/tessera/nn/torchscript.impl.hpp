#pragma once
#include <torch/csrc/jit/api/module.h>

#include <cstdint>
#include <string>

#include <tessera/deploy/file.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/nn/torchscript.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/shortest_text.hpp>

namespace tessera::nn {
namespace detail {
inline std::string script_number(float x) { return real_text(double(x)); }
// The expression of one value.
inline std::string script_of(const deploy::Program& p, const deploy::Value& v) {
  using deploy::op;
  const auto name = [&](std::size_t k) {
    const auto i = v.in[k];
    return (p.values[std::size_t(i)].what == op::constant ? "self.c" : "v") + std::to_string(i);
  };
  const auto x = v.in.empty() ? std::string() : name(0), y = v.in.size() > 1 ? name(1) : std::string();
  const auto number = [](std::int64_t n) { return std::to_string(n); };
  switch (v.what) {
    case op::linear:
      return v.in.size() > 2 ? "torch.addmm(" + name(2) + ", " + x + ", " + y + ")" : "torch.mm(" + x + ", " + y + ")";
    case op::add:
      return x + " + " + y;
    case op::multiply:
      return x + " * " + y;
    case op::minimum:
      return "torch.minimum(" + x + ", " + y + ")";
    case op::clamp:
      return "torch.clamp(" + x + ", " + script_number(v.low) + ", " + script_number(v.high) + ")";
    case op::relu:
      return "torch.relu(" + x + ")";
    case op::gelu:
      return "torch.gelu(" + x + ", approximate=\"tanh\")";
    case op::tanh:
      return "torch.tanh(" + x + ")";
    case op::silu:
      return x + " * torch.sigmoid(" + x + ")";
    case op::mish:
      // Beyond 20 the factor is 1, and exp overflows at 89.
      return x + " * torch.tanh(torch.log1p(torch.exp(torch.clamp(" + x + ", None, 20.0))))";
    case op::exp:
      return "torch.exp(" + x + ")";
    case op::layer_norm:
      // In double precision, as everywhere: squares of 1e19 overflow in single precision.
      return "torch.layer_norm(" + x + ".double(), [" + number(v.columns) + "], None, None, " + script_number(v.low) +
             ", False).float() * " + y + " + " + name(2);
    case op::rows:
      return "torch.narrow(" + x + ", 0, " + number(v.from) + ", " + number(v.rows) + ")";
    case op::pick:
      return "torch.index_select(" + x + ", 0, torch.argmax(" + y + ").reshape([1]))";
    case op::likely:
      return "torch.where(" + y + " - torch.amax(" + y + ", [1], True) > " + script_number(v.low) + ", " + x +
             ", torch.full_like(" + x + ", -1e30))";
    case op::argmax:
      return "torch.argmax(" + x + ", 1) + " + number(v.from);
    default:
      throw Error(std::string("TorchScript cannot express the operation ") + deploy::name_of(v.what));
  }
}
}  // namespace detail

TESSERA_INLINE std::string torchscript_source(const deploy::Program& p) {
  const auto* noise = p.noise();
  const auto n = std::to_string(p.signature.observation_size);
  std::string out = std::string("def forward(self, observation") + (noise ? ", noise" : "") + "):\n";
  out += "  v0 = observation.reshape([" + std::string(deploy::by_row(p) ? "-1" : "1") + ", " + n + "])\n";
  out += "  assert bool(torch.isfinite(v0).all()), \"the observation has a number that is not finite\"\n";
  for (std::size_t i = 1; i < p.values.size(); ++i) {
    const auto& v = p.values[i];
    if (v.what == deploy::op::constant) continue;
    const auto made = v.what == deploy::op::noise
                          ? "noise.reshape([" + std::to_string(v.rows) + ", " + std::to_string(v.columns) + "])"
                          : detail::script_of(p, v);
    out += "  v" + std::to_string(i) + " = " + made + "\n";
  }
  return out + "  return v" + std::to_string(p.values.size() - 1) + "\n";
}

TESSERA_INLINE void write_torchscript(const deploy::Program& p, const std::string& path) {
  torch::jit::Module module("Policy");
  for (std::size_t i = 0; i < p.values.size(); ++i)
    if (const auto& v = p.values[i]; v.what == deploy::op::constant)
      module.register_buffer("c" + std::to_string(i),
                             at::tensor(at::ArrayRef<float>(v.numbers), at::kFloat).reshape({v.rows, v.columns}));
  module.define(torchscript_source(p));
  module.eval();
  write_atomically(path, [&](const std::string& name) {
    module.save(name, {{"policy.json", deploy::policy_structure(p)}});
  });
}
}  // namespace tessera::nn
