#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/train/fit_dynamics.hpp>

namespace tessera {
TESSERA_INLINE Holdout hold_out(const Dataset& data, double fraction, std::int64_t max, std::uint64_t seed) {
  const auto wanted = std::clamp<std::int64_t>(std::llround(fraction * double(data.size())), 1, max);
  if (data.size() < 2)
    throw Error(data.name + ": has " + std::to_string(data.size()) +
                " transitions; a dynamics model needs two or more");
  std::vector<std::uint8_t> is_held(std::size_t(data.size()), 0);
  Holdout out;
  std::vector<std::int64_t> order(data.episodes.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](std::int64_t e) { return nn::random_key(seed, nn::stream::holdout, std::uint64_t(e)); };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) < key(b); });
  std::int64_t count = 0;
  for (auto e : order) {
    const auto& episode = data.episodes[std::size_t(e)];
    // The first episode may exceed the target, up to as many transitions as remain for training.
    if (count >= wanted || count + episode.transitions > data.size() / 2) continue;
    std::fill_n(is_held.begin() + episode.first, episode.transitions, std::uint8_t(1));
    count += episode.transitions;
    if (episode.transitions > 0) out.episodes.push_back(e);
  }
  if (count == 0)
    std::fill_n(is_held.end() - std::min(wanted, data.size() / 2), std::min(wanted, data.size() / 2), std::uint8_t(1));
  for (std::int64_t i = 0; i < data.size(); ++i) (is_held[std::size_t(i)] ? out.held : out.train).push_back(i);
  std::sort(out.episodes.begin(), out.episodes.end());
  return out;
}

TESSERA_INLINE TaskRows task_rows(const Dataset& data, const std::vector<std::int64_t>& rows,
                                  const at::Device& device) {
  const auto count = std::int64_t(rows.size()), n = data.observation_size, d = data.action_size;
  const auto table = [&](std::int64_t columns, auto fill) {
    auto t = at::zeros({count, columns}, at::kFloat);
    float* p = t.data_ptr<float>();
    for (auto i : rows) fill(i, p), p += columns;
    return t.to(device);
  };
  return {table(n, [&](std::int64_t i, float* p) { std::copy_n(data.observation(i), n, p); }),
          table(d,
                [&](std::int64_t i, float* p) {
                  if (data.kind == action_kind::discrete) p[data.action_indices[std::size_t(i)]] = 1;
                  else std::copy_n(data.actions.data() + i * d, d, p);
                }),
          table(1, [&](std::int64_t i, float* p) { *p = data.rewards[std::size_t(i)]; }).squeeze(1),
          table(n, [&](std::int64_t i, float* p) { std::copy_n(data.next_observation(i), n, p); }),
          table(1, [&](std::int64_t i, float* p) { *p = float(data.terminals[std::size_t(i)]); }).squeeze(1),
          table(1, [&](std::int64_t i, float* p) { *p = data.knows_next(i) ? 1.0f : 0.0f; }).squeeze(1)};
}
}  // namespace tessera

namespace tessera::detail {
TESSERA_INLINE at::Tensor still(const at::Tensor& x) { return x.amax(0) - x.amin(0) <= 4 * 1.2e-7 * x.abs().amax(0); }
TESSERA_INLINE void standardize_inputs(const at::Tensor& x, at::Tensor& shift, at::Tensor& scale) {
  const auto fixed = still(x);
  shift.copy_(at::where(fixed, x.amin(0), x.mean(0)));
  scale.copy_(at::where(fixed, x.abs().amax(0).clamp_min(1), x.std(0, false)));
}

TESSERA_INLINE void standardize_targets(const at::Tensor& change, const at::Tensor& r, const at::Tensor& of,
                                        at::Tensor& shift, at::Tensor& scale) {
  const auto both = [&](auto&& f) {
    return change.size(0) == r.size(0) ? f(at::cat({change, r}, 1)) : at::cat({f(change), f(r)});
  };
  const auto mean = both([](const at::Tensor&y) { return y.mean(0); }),
             std = both([](const at::Tensor&y) { return y.std(0, false); }),
             min = both([](const at::Tensor&y) { return y.amin(0); }),
             max = both([](const at::Tensor&y) { return y.amax(0); });
  const auto none = at::zeros_like(mean), rounding = at::cat({still(of), at::zeros({1}, r.options().dtype(at::kBool))}),
             same = max == min;
  shift.copy_(at::where(rounding, none, at::where(same, min, mean)));
  scale.copy_(at::where(at::logical_or(rounding, same), none, std));
}
}  // namespace tessera::detail
