#pragma once
#include <tessera/math/nodes.hpp>

/// What a part takes over a whole minibatch, besides the mean that its loss is.  Where several ranks share a minibatch
/// (data-parallel training) it is that of the joint one, as long as each has equally many rows.  No gradient flows
/// through it.
namespace tessera::math {
namespace plain {
template <class T>
T batch_softmax(const T& x) {
  return x.softmax(0);
}
}  // namespace plain

/// The mean of all numbers; a scalar.
template <class T>
T batch_mean(const T& x) {
  if constexpr (requires { nodes<T>::batch_mean(x); }) return nodes<T>::batch_mean(x);
  else return x.mean();
}
/// The largest of (B) numbers; a scalar.
template <class T>
T batch_max(const T& x) {
  if constexpr (requires { nodes<T>::batch_max(x); }) return nodes<T>::batch_max(x);
  else return x.amax(0);
}
/// Weights of (B) numbers that sum to one over the minibatch,  exp(x_b) / sum_j exp(x_j).  Where W ranks share it they
/// are W times as large, so that the mean of the ranks' sums over their own rows is the sum over all.
template <class T>
T batch_softmax(const T& x) {
  if constexpr (requires { nodes<T>::batch_softmax(x); }) return nodes<T>::batch_softmax(x);
  else return plain::batch_softmax(x);
}
/// (x - E x) / (sqrt(E (x - E x)^2) + epsilon).
template <class T>
T standardized(const T& x, double epsilon) {
  const T centered = x - batch_mean(x);
  return centered / (batch_mean(T(centered.square())).sqrt() + epsilon);
}
}  // namespace tessera::math
