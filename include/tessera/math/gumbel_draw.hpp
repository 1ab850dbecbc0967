#pragma once

namespace tessera::math {
/// Draws an index of each row, (B), by probabilities whose logarithms are given up to a constant of the row, (B, K), as
/// a function of uniform numbers u in [0, 1), (B, K):  argmax_k (log p_k - log(-log u_k)).
/// Source: Gumbel 1954; -log(-log u) has the distribution that is named after him.
template <class T>
T gumbel_draw(const T& log_p, const T& u) {
  return (log_p - (-u.clamp(1e-20, 1 - 1e-7).log()).log()).argmax(-1);
}
}  // namespace tessera::math
