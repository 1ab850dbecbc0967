// An exported policy: as a file, safetensors or JSON, with its checksum and hash; and as JSON without its hash, so that
// what it says is reached.  What is taken acts, and can be written again.
#include "fuzz.hpp"

#include <cmath>
#include <cstdio>
#include <vector>

#include <tessera/deploy/file.hpp>
#include <tessera/deploy/header.hpp>
#include <tessera/deploy/onnx.hpp>
#include <tessera/deploy/policy.hpp>

#include "helpers/programs.hpp"

namespace {
using namespace tessera::deploy;
using tessera::fuzz::require;

void use(const Program& p) {
  require(fault_of(p).empty());
  require(content_hash(parse_policy_json(policy_json(p), "x")) == content_hash(p));
  if (layout_of(p).size > 1 << 20) return;
  Policy policy(p);
  const std::vector<float> observation(std::size_t(policy.observation_size()), 0.5f);
  const std::vector<float> noise(std::size_t(policy.noise_size()), -0.5f);
  std::vector<float> action(std::size_t(policy.action_size()), 7);
  const auto how = policy.try_act(observation.data(), noise.data(), action.data());
  for (const float a : action) require(how == outcome::acted ? std::isfinite(a) : a == 7);
  header_text(p), onnx_bytes(p);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tessera::fuzz::File file(data, size);
  tessera::fuzz::done([&] { use(read_policy(file.path())); });
  const auto text = tessera::fuzz::text_of(data, size);
  if (text.starts_with('{')) tessera::fuzz::done([&] { use(detail::unsealed_policy_json(text, "x")); });
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  std::vector<std::string> out;
  for (const auto& p : {support::small_policy(), support::small_discrete_policy(), support::small_best_of()}) {
    out.push_back(policy_json(p));
    const File file(nullptr, 0);
    write_policy_safetensors(p, file.path());
    std::string bytes;
    std::FILE* in = std::fopen(file.path().c_str(), "rb");
    require(in != nullptr);
    for (int c = 0; (c = std::fgetc(in)) != EOF;) bytes += char(c);
    std::fclose(in);
    require(read_policy(file.path()).values.size() == p.values.size());
    out.push_back(std::move(bytes));
  }
  return out;
}
