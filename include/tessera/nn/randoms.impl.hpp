#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>

#include <tessera/nn/clock.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/randoms.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
namespace detail {
// Numbers of 64 bits as libtorch has them: with a sign, which no operation here looks at.
constexpr std::int64_t with_sign(std::uint64_t x) { return std::int64_t(x); }
inline at::Tensor shifted_right(const at::Tensor& x, int by) {
  return at::bitwise_right_shift(x, at::Scalar(std::int64_t(by))).bitwise_and(with_sign(~std::uint64_t{0} >> by));
}
// splitmix64's mix without its first addition; changes x.
inline at::Tensor mixed(at::Tensor x) {
  x = x.bitwise_xor_(shifted_right(x, 30)).mul_(with_sign(0xbf58476d1ce4e5b9u));
  x = x.bitwise_xor_(shifted_right(x, 27)).mul_(with_sign(0x94d049bb133111ebu));
  return x.bitwise_xor_(shifted_right(x, 31));
}
inline constexpr std::uint64_t gamma = 0x9e3779b97f4a7c15u;
}  // namespace detail

TESSERA_INLINE Randoms::Randoms(const at::Device& device, std::uint64_t seed, std::uint64_t stream, std::uint64_t index)
    : device_(device), kernels_(device_kernels(device.type())) {
  if (device.is_cpu()) {
    generator_ = generator(device, seed, stream, index);
  } else if (const auto* ticking = Clock::running(); ticking && kernels_) {
    kernel_key_ = {random_key_before_index(seed, stream), ticking->now(), std::int64_t(index) - ticking->update()};
  } else if (kernels_) {
    kernel_key_.key = random_key(seed, stream, index);
  } else if (const auto* clock = Clock::running()) {
    // random_key of what is the same in all updates, and its last round by the clock.
    key_ = detail::mixed(clock->along(std::int64_t(index))
                             .bitwise_xor_(detail::with_sign(random_key_before_index(seed, stream)))
                             .add_(detail::with_sign(detail::gamma)));
  } else {
    fixed_key_ = random_key(seed, stream, index);
  }
}

TESSERA_INLINE at::Tensor Randoms::next_bits(std::int64_t count) {
  const auto options = at::TensorOptions(at::kLong).device(device_);
  const auto first = std::uint64_t(drawn_ + 1) * detail::gamma;
  drawn_ += count;
  auto x = at::arange(count, options).mul_(detail::with_sign(detail::gamma));
  x.add_(detail::with_sign(key_.defined() ? first : first + fixed_key_));
  if (key_.defined()) x.add_(key_);
  return detail::mixed(x);
}

TESSERA_INLINE at::Tensor Randoms::by_kernel(at::Tensor out, DeviceKernels::numbers what, std::int64_t from,
                                             std::int64_t to) {
  kernels_->draw(out, what, kernel_key_, drawn_, from, to);
  drawn_ += out.numel();
  return out;
}

TESSERA_INLINE at::Tensor Randoms::between(at::IntArrayRef sizes, std::int64_t from, std::int64_t to) {
  const auto type = at::TensorOptions(at::kLong).device(device_);
  if (generator_.defined()) return at::empty(sizes, type).random_(from, to, generator_);
  if (kernels_) return by_kernel(at::empty(sizes, type), DeviceKernels::numbers::whole, from, to);
  return detail::shifted_right(next_bits(c10::multiply_integers(sizes)), 1)
      .remainder_(to - from)
      .add_(from)
      .view(sizes);
}

TESSERA_INLINE at::Tensor Randoms::uniform(at::IntArrayRef sizes, const at::TensorOptions& type) {
  if (generator_.defined()) return at::empty(sizes, type).uniform_(0, 1, generator_);
  if (kernels_) return by_kernel(at::empty(sizes, type), DeviceKernels::numbers::uniform);
  const auto count = c10::multiply_integers(sizes);
  return detail::shifted_right(next_bits(count), 40).to(type).mul_(0x1p-24).view(sizes);
}

TESSERA_INLINE at::Tensor Randoms::normal(at::IntArrayRef sizes, const at::TensorOptions& type) {
  if (generator_.defined()) return at::empty(sizes, type).normal_(0, 1, generator_);
  if (kernels_) return by_kernel(at::empty(sizes, type), DeviceKernels::numbers::normal);
  const auto count = c10::multiply_integers(sizes);
  // 2 u - 1 in one multiplication and one addition, both exact but for the last bit.
  const auto centered = detail::shifted_right(next_bits(count), 11).to(at::kDouble).mul_(0x1p-52).add_(0x1p-53 - 1);
  return centered.erfinv_().mul_(std::numbers::sqrt2).to(type).view(sizes);
}
}  // namespace tessera::nn
