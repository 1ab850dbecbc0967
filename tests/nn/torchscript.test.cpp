#include <tessera/nn/torchscript.hpp>

#include <torch/csrc/jit/serialization/import.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include <tessera/deploy/file.hpp>
#include <tessera/deploy/policy.hpp>
#include <tessera/nn/torch.hpp>

#include "deploy/cases.hpp"
#include "helpers/files.hpp"

namespace {
at::Tensor row(const std::vector<float>& x) { return at::tensor(at::ArrayRef<float>(x), at::kFloat); }
}  // namespace

TEST_CASE("TorchScript that is written and loaded again gives the policy's actions") {
  const support::Folder folder;
  const auto path = folder / "policy.pt";
  for (const auto& c : support::cases()) {
    INFO(c.name);
    tessera::nn::write_torchscript(c.program, path);
    torch::jit::ExtraFilesMap files{{"policy.json", ""}};
    auto module = torch::jit::load(path, {}, files);
    CHECK(files["policy.json"] == tessera::deploy::policy_structure(c.program));
    tessera::deploy::Policy policy(c.program);
    const auto noise = support::noise_for(c.program);
    std::vector<at::Tensor> seen;
    for (const auto& x : support::observations_for(policy.observation_size())) {
      std::vector<float> own(std::size_t(policy.action_size()));
      policy.act(x, noise, own);
      std::vector<torch::jit::IValue> in{row(x)};
      if (!noise.empty()) in.emplace_back(row(noise));
      const auto out = module.forward(in).toTensor();
      CHECK(out.scalar_type() == (policy.signature().discrete ? at::kLong : at::kFloat));
      REQUIRE(out.numel() == policy.action_size());
      const auto action = out.to(at::kFloat).reshape(-1);
      for (std::int64_t j = 0; j < action.numel(); ++j) {
        const auto a = action[j].item<float>();
        CHECK(a == Approx(own[std::size_t(j)]).epsilon(5e-5).margin(5e-5));
      }
      in[0] = row(std::vector<float>(x.size(), std::nanf("")));
      CHECK_THROWS(module.forward(in));
    }
  }
}
TEST_CASE("several observations at once, where each is treated by itself") {
  const support::Folder folder;
  const auto path = folder / "policy.pt";
  const auto p = support::perceptron_case(tessera::activation::relu, true, false).program;
  tessera::nn::write_torchscript(p, path);
  auto module = torch::jit::load(path);
  const auto x = row({1, 2, 3, -1, -2, -3}).reshape({2, 3});
  const auto both = module.forward({x}).toTensor();
  REQUIRE(both.sizes() == at::IntArrayRef({2, 2}));
  tessera::deploy::Policy policy(p);
  const auto second = policy.act(std::vector<float>{-1, -2, -3});
  CHECK(both[1][0].item<float>() == Approx(second[0]).margin(1e-5));
  CHECK(both[1][1].item<float>() == Approx(second[1]).margin(1e-4));
}
