#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tessera/nn/kernels.hpp>
#include <tessera/nn/ranks.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE bool on_any(Ranks& ranks, bool here) {
  auto x = at::full({1}, here ? 1 : 0, at::kLong);
  ranks.sum(x);
  return x.item<std::int64_t>() > 0;
}

TESSERA_INLINE std::string text_of_first(Ranks& ranks, const std::string& here) {
  auto length = at::full({1}, std::int64_t(here.size()), at::kLong);
  ranks.broadcast(length);
  auto bytes = at::zeros({length.item<std::int64_t>()}, at::kByte);
  if (bytes.numel() == 0) return {};
  if (ranks.rank() == 0) std::memcpy(bytes.data_ptr(), here.data(), here.size());
  ranks.broadcast(bytes);
  return {static_cast<const char*>(bytes.data_ptr()), std::size_t(bytes.numel())};
}

TESSERA_INLINE std::vector<std::int64_t> of_each(Ranks& ranks, std::int64_t here) {
  auto x = at::zeros({ranks.size()}, at::kLong);
  x.data_ptr<std::int64_t>()[ranks.rank()] = here;
  ranks.sum(x);
  return {x.data_ptr<std::int64_t>(), x.data_ptr<std::int64_t>() + x.numel()};
}

TESSERA_INLINE std::pair<std::int64_t, std::int64_t> share_of(std::int64_t n, int rank, int size) {
  // Without an overflow where n is large.
  const auto begin = [&](std::int64_t r) { return n / size * r + n % size * r / size; };
  return {begin(rank), begin(rank + 1)};
}

namespace detail {
inline JointUpdates*& joint_of_thread() {
  thread_local JointUpdates* current = nullptr;
  return current;
}
}  // namespace detail

TESSERA_INLINE JointUpdates* JointUpdates::here() { return detail::joint_of_thread(); }
TESSERA_INLINE JointUpdates::scope::scope(JointUpdates* joint)
    : before_(std::exchange(detail::joint_of_thread(), joint && joint->size() > 1 ? joint : nullptr)) {}
TESSERA_INLINE JointUpdates::scope::~scope() { detail::joint_of_thread() = before_; }

TESSERA_INLINE bool JointUpdates::holds(std::span<const at::Tensor> list, const at::Tensor& gradient) {
  return std::any_of(list.begin(), list.end(), [&](const at::Tensor& x) { return x.is_same(gradient); });
}

TESSERA_INLINE std::int64_t JointUpdates::rows_of(std::int64_t batch) {
  if (batch % size() != 0 || batch < size())
    throw Error("data-parallel: " + std::to_string(size()) + " ranks cannot share a batch of " + std::to_string(batch) +
                " equally; give a multiple of " + std::to_string(size()));
  return rows_ = batch / size();
}

TESSERA_INLINE at::Tensor JointUpdates::mean(const at::Tensor& x) const {
  auto sum = x.detach().clone();
  ranks_.sum(sum);
  return sum.div_(double(size()));
}
TESSERA_INLINE at::Tensor JointUpdates::max(const at::Tensor& x) const {
  auto all = at::zeros({size(), x.numel()}, x.options().requires_grad(false));
  all.select(0, rank()).copy_(x.detach().flatten());
  ranks_.sum(all);
  return all.amax(0).view(x.sizes());
}

TESSERA_INLINE void JointUpdates::touched(const at::Tensor& gradient) {
  if (!holds(touched_, gradient)) touched_.push_back(gradient);
}

TESSERA_INLINE void JointUpdates::before_step(const at::Tensor& gradient) {
  // On devices without kernels no pass says that it touches a gradient: what steps is summed at the latest now.
  if (!holds(reduced_, gradient)) touched(gradient);
  if (!touched_.empty()) reduce();
  std::erase_if(reduced_, [&](const at::Tensor& x) { return x.is_same(gradient); });
}

namespace detail {
// A gradient's place in the numbers of a sum: [begin, begin + n).
struct GradientPlace {
  float* first;
  std::int64_t parts, n, begin;

  // Calls f(offset in the gradient, offset in the piece, count) for what it has of the piece [from, from + count).
  template <class F>
  void within(std::int64_t from, std::int64_t count, F f) const {
    const auto at = std::max(from, begin), end = std::min(from + count, begin + n);
    if (at < end) f(at - begin, at - from, end - at);
  }
};
}  // namespace detail

TESSERA_INLINE bool JointUpdates::reduce_in_shared_memory(std::int64_t numbers) {
  std::vector<detail::GradientPlace> places;
  std::int64_t begin = 0;
  for (const auto& g : touched_) {
    if (!g.is_cpu() || g.scalar_type() != at::kFloat || !g.is_contiguous()) return false;
    const auto n = g.numel() / g.size(0);
    places.push_back({g.data_ptr<float>(), g.size(0), n, begin});
    begin += n;
  }
  const auto share = float(1.0 / double(size()));
  return ranks_.sum_parts(
      numbers,
      [&](std::int64_t from, std::span<float> row) {
        const auto count = std::int64_t(row.size());
        for (const auto& g : places)
          g.within(from, count, [&](std::int64_t i, std::int64_t k, std::int64_t some) {
            kernels::add_members(row.data() + k, g.first + i, g.parts, g.n, some);
          });
        if (from + count == numbers) row.back() = asks_ ? 1 : 0;
      },
      [&](std::int64_t from, std::span<const float> sums) {
        const auto count = std::int64_t(sums.size());
        for (const auto& g : places)
          g.within(from, count, [&](std::int64_t i, std::int64_t k, std::int64_t some) {
            kernels::scaled(g.first + i, sums.data() + k, share, some);
            for (std::int64_t part = 1; part < g.parts; ++part) std::fill_n(g.first + part * g.n + i, some, 0.0F);
          });
        if (from + count == numbers) asked_ = asked_ || sums.back() > 0;
      });
}

TESSERA_INLINE void JointUpdates::reduce() {
  at::NoGradGuard guard;
  std::int64_t numbers = 1;
  for (const auto& g : touched_) numbers += g.numel() / g.size(0);
  if (!reduce_in_shared_memory(numbers)) reduce_in_one_buffer(numbers);
  for (auto& g : touched_)
    if (!holds(reduced_, g)) reduced_.push_back(g);
  touched_.clear();
}

TESSERA_INLINE void JointUpdates::reduce_in_one_buffer(std::int64_t numbers) {
  const auto& kind = touched_.front();
  if (!flat_.defined() || flat_.numel() < numbers || flat_.scalar_type() != kind.scalar_type() ||
      flat_.device() != kind.device())
    flat_ = at::empty({numbers}, kind.options().requires_grad(false));
  auto flat = flat_.narrow(0, 0, numbers);
  std::int64_t at_number = 0;
  const auto each = [&](auto f) {
    at_number = 0;
    for (const auto& g : touched_) {
      const auto n = g.numel() / g.size(0);
      f(g.view({g.size(0), n}), flat.narrow(0, at_number, n));
      at_number += n;
    }
  };
  each([](const at::Tensor& parts, at::Tensor place) {
    if (parts.size(0) == 1) place.copy_(parts.select(0, 0));
    else at::sum_out(place, parts, 0);
  });
  flat.narrow(0, at_number, 1).fill_(asks_ ? 1 : 0);
  ranks_.sum(flat);
  asked_ = asked_ || flat.narrow(0, at_number, 1).item<double>() > 0;
  const double share = 1.0 / double(size());
  each([share](const at::Tensor& parts, const at::Tensor& place) {
    auto first = parts.select(0, 0);
    at::mul_out(first, place, at::scalar_tensor(share, place.options()));
    if (parts.size(0) > 1) parts.narrow(0, 1, parts.size(0) - 1).zero_();
  });
}
}  // namespace tessera::nn
