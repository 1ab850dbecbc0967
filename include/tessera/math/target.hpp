#pragma once
#include <tessera/math/nodes.hpp>

namespace tessera::math {
namespace plain {
template <class T>
T td_target(const T& reward, double discount, const T& not_done, const T& next_value) {
  return reward + discount * not_done * next_value;
}
template <class T>
T exp_weight(const T& advantage, double beta, double max_weight) {
  return (beta * advantage).exp().clamp_max(max_weight);
}
}  // namespace plain

/// One-step target,  r + gamma m v';  all (B).
template <class T>
T td_target(const T& reward, double discount, const T& not_done, const T& next_value) {
  if constexpr (requires { nodes<T>::td_target(reward, discount, not_done, next_value); })
    return nodes<T>::td_target(reward, discount, not_done, next_value);
  else return plain::td_target(reward, discount, not_done, next_value);
}

/// Weight of a transition of advantage A,  min(exp(beta A), max_weight);  (B).
template <class T>
T exp_weight(const T& advantage, double beta, double max_weight) {
  if constexpr (requires { nodes<T>::exp_weight(advantage, beta, max_weight); })
    return nodes<T>::exp_weight(advantage, beta, max_weight);
  else return plain::exp_weight(advantage, beta, max_weight);
}
}  // namespace tessera::math
