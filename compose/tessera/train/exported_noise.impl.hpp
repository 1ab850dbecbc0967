#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <tessera/nn/backend.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/exported_noise.hpp>

namespace tessera {
TESSERA_INLINE void fix_noise_as_act(ExportedPolicy& policy) {
  const auto* noise = policy.program.noise();
  if (noise == nullptr) return;
  const auto one = at::zeros({1, 1}, at::kFloat);
  std::vector<float> numbers;
  for (std::size_t i = 0; i < policy.draws.size(); ++i) {
    constexpr std::int64_t key = 0;  // see detail::composed::act
    const auto drawn = torch_backend::draw(tessera::noise::normal, policy.seed, -1 - key, std::int64_t(i),
                                           policy.draws[i] * noise->columns, one)
                           .contiguous();
    numbers.insert(numbers.end(), drawn.data_ptr<float>(), drawn.data_ptr<float>() + drawn.numel());
  }
  deploy::fix_noise(policy.program, std::move(numbers));
}
}  // namespace tessera
