#pragma once
#include <algorithm>
#include <cstdint>
#include <string>

#include <tessera/nn/ranks.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/launch.hpp>
#include <tessera/train/together.hpp>

namespace tessera::detail {
TESSERA_INLINE void add_to_hash(ByteHash& hash, const at::Tensor& x) {
  if (!x.defined()) return;
  const auto host = x.detach().to(at::kCPU).contiguous();
  hash.add(host.data_ptr(), std::size_t(host.nbytes()));
}
TESSERA_INLINE void add_to_hash(ByteHash& hash, std::int64_t x) { hash.add(&x, sizeof x); }

TESSERA_INLINE void share_buffer(nn::Ranks& ranks, at::Tensor& x) {
  if (!x.defined() || x.numel() == 0) return;
  at::NoGradGuard guard;
  auto first = x.detach().contiguous().clone();
  ranks.broadcast(first);
  x.copy_(first);
}
TESSERA_INLINE void share_buffer(nn::Ranks& ranks, std::int64_t& x) {
  auto first = at::full({1}, x, at::kLong);
  ranks.broadcast(first);
  x = first.item<std::int64_t>();
}

TESSERA_INLINE void require_same(nn::Ranks& ranks, std::uint64_t here, const std::string& what) {
  const auto all = nn::of_each(ranks, std::int64_t(here));
  const auto other = std::find_if(all.begin(), all.end(), [&](std::int64_t x) { return x != all.front(); });
  if (other == all.end()) return;
  throw RankFailure("data-parallel: ranks 0 and " + std::to_string(other - all.begin()) + " " + what);
}
}  // namespace tessera::detail
