#pragma once
#include <cstdint>

#include <tessera/nn/clock.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
namespace detail {
inline thread_local const Clock* running_clock = nullptr;
}  // namespace detail

TESSERA_INLINE Clock::Clock(const at::Device& device)
    : now_(at::zeros({}, at::TensorOptions(at::kLong).device(device))) {}

TESSERA_INLINE void Clock::tick() {
  now_.add_(1);
  ++host_;
}
TESSERA_INLINE void Clock::before(std::int64_t update) {
  if (host_ == update - 1) return;
  host_ = update - 1;
  now_.fill_(host_);
}
TESSERA_INLINE at::Tensor Clock::along(std::int64_t index) const { return now_ + (index - host_); }

TESSERA_INLINE Clock::Running::Running(const Clock& clock) : before_(detail::running_clock) {
  detail::running_clock = &clock;
}
TESSERA_INLINE Clock::Running::~Running() { detail::running_clock = before_; }
TESSERA_INLINE const Clock* Clock::running() { return detail::running_clock; }
}  // namespace tessera::nn
