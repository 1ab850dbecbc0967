#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include <tessera/concepts/types.hpp>
#include <tessera/data/dataset.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/units.hpp>

namespace tessera {
/// The chosen transitions of a data set in a learner's units, on its device.  A row is (s, a, r, m, s'), so that a
/// batch is one gather; discrete actions are stored as floats (exact to 2^24) and leave as indices.
class Replay {
 public:
  Replay(const Dataset& data, const std::vector<std::int64_t>& transitions, const nn::Units& units, const at::Device& device)
      : n_(data.observation_size), d_(data.kind == action_kind::discrete ? 1 : data.action_size),
        discrete_(data.kind == action_kind::discrete) {
    const auto count = std::int64_t(transitions.size());
    const auto raw = [&](auto at, std::int64_t columns) {
      auto t = at::empty({count, columns}, at::kFloat);
      float* p = t.data_ptr<float>();
      for (auto i : transitions) {
        const float* row = at(i);
        p = std::copy(row, row + columns, p);
      }
      return t.to(device);
    };
    float scratch = 0;
    const auto s = units.observations(raw([&](std::int64_t i) { return data.observation(i); }, n_));
    const auto s_next = units.observations(raw([&](std::int64_t i) { return data.next_observation(i); }, n_));
    const auto a = raw(
        [&](std::int64_t i) {
          if (!discrete_) return data.actions.data() + i * d_;
          scratch = float(data.action_indices[std::size_t(i)]);
          return static_cast<const float*>(&scratch);
        },
        d_);
    const auto r = units.rewards(raw([&](std::int64_t i) { return data.rewards.data() + i; }, 1));
    const auto m = raw([&](std::int64_t i) { return scratch = data.terminals[std::size_t(i)] ? 0.0f : 1.0f, static_cast<const float*>(&scratch); }, 1);
    rows_ = at::cat({s, discrete_ ? a : units.learner_actions(a), r, m, s_next}, 1).contiguous();
  }

  std::int64_t size() const { return rows_.size(0); }

  /// The batch of an update: uniform with replacement, a function of (seed, update) alone.
  batch<at::Tensor> sample(std::uint64_t seed, std::int64_t update, std::int64_t count) const {
    auto index = at::empty({count}, at::TensorOptions(at::kLong).device(rows_.device()));
    index.random_(0, size(), nn::generator(rows_.device(), seed, nn::stream::batches, std::uint64_t(update)));
    if (!rows_.is_cpu()) return take(rows_.index_select(0, index));
    const auto width = rows_.size(1);
    const auto x = at::empty({count, width}, at::kFloat);
    const float* from = rows_.data_ptr<float>();
    const std::int64_t* i = index.data_ptr<std::int64_t>();
    float* to = x.data_ptr<float>();
    for (std::int64_t b = 0; b < count; ++b, to += width) std::copy_n(from + i[b] * width, width, to);
    return take(x);
  }
  /// All rows, in order.
  batch<at::Tensor> all() const { return take(rows_); }

 private:
  batch<at::Tensor> take(const at::Tensor& x) const {
    const auto count = x.size(0), width = x.size(1);
    const auto columns = [&](std::int64_t first, std::int64_t size) { return x.as_strided({count, size}, {width, 1}, first); };
    const auto column = [&](std::int64_t at) { return x.as_strided({count}, {width}, at); };
    return {columns(0, n_), discrete_ ? column(n_).to(at::kLong) : columns(n_, d_), column(n_ + d_), columns(n_ + d_ + 2, n_), column(n_ + d_ + 1)};
  }

  std::int64_t n_, d_;
  bool discrete_;
  at::Tensor rows_;
};
}  // namespace tessera
