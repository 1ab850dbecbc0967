#pragma once
#include <utility>

#include <tessera/nn/precision.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
namespace detail {
inline precision& precision_of_thread() {
  thread_local precision current = precision::float32;
  return current;
}
}  // namespace detail

TESSERA_INLINE precision precision_here() { return detail::precision_of_thread(); }
TESSERA_INLINE in_precision::in_precision(precision p) : before_(std::exchange(detail::precision_of_thread(), p)) {}
TESSERA_INLINE in_precision::~in_precision() { detail::precision_of_thread() = before_; }
}  // namespace tessera::nn
