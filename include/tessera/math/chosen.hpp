#pragma once

namespace tessera::math {
/// Of K actions for each state, (B, K, d), the one of each state's index k, (B):  -> (B, d).
template <class T>
T chosen(const T& a, const T& k) {
  return a.gather(1, k.unsqueeze(-1).unsqueeze(-1).expand({-1, 1, a.size(-1)})).squeeze(1);
}
}  // namespace tessera::math
