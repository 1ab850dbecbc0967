#pragma once
#include <algorithm>

#include <tessera/nn/free_cores.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE void FreeCores::judge(nanoseconds time, nanoseconds wall, nanoseconds lost) {
  if (3 * lost >= wall && use_ > 1) {
    const auto cores = std::max<nanoseconds>(1, (2 * lost + wall) / (2 * wall));  // rounded
    use_ = int(std::max<nanoseconds>(1, use_ - cores));
    until_ = time + hold_;
    hold_ = std::min(4 * hold_, longest);
  } else if (use_ < all_) {
    if (time >= until_) use_ = all_;
  } else {
    hold_ = std::max(hold_ / 2, shortest);
  }
}
}  // namespace tessera::nn
