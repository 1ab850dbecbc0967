#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/train/fit_dynamics.hpp>

namespace tessera {
TESSERA_INLINE Holdout hold_out(const Dataset& data, double fraction, std::int64_t max, std::uint64_t seed) {
  require_in_memory(data, "a dynamics model");
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
  require_in_memory(data, "a dynamics model");
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

TESSERA_INLINE DynamicsFit::DynamicsFit(const Dataset& data, double holdout, std::int64_t holdout_rows,
                                        std::int64_t seed, at::Device device, DynamicsProgress progress,
                                        DynamicsSteps during)
    : name_(data.name), seed_(std::uint64_t(seed)), device_(device), progress_(std::move(progress)),
      during_(std::move(during)) {
  const auto split = hold_out(data, holdout, holdout_rows, seed_);
  train_ = task_rows(data, split.train, device), held_ = task_rows(data, split.held, device);
}
TESSERA_INLINE at::Tensor DynamicsFit::random_rows(at::IntArrayRef sizes, std::int64_t limit,
                                                   std::int64_t index) const {
  return nn::Randoms(device_, seed_, nn::stream::bootstrap, std::uint64_t(index)).between(sizes, 0, limit);
}
TESSERA_INLINE std::vector<double> DynamicsFit::numbers(const at::Tensor& x) {
  const auto host = x.detach().to(at::kCPU, at::kDouble).contiguous();
  return {host.data_ptr<double>(), host.data_ptr<double>() + host.numel()};
}
TESSERA_INLINE bool DynamicsFit::step(std::int64_t epoch, std::int64_t done, std::int64_t all, const at::Tensor& loss) {
  at::NoGradGuard guard;
  if (steps_ == 0) loss_ = at::zeros({}, at::TensorOptions(at::kDouble).device(device_));
  loss_ += loss.detach(), ++steps_;
  return !during_ || during_(epoch, done, all);
}
TESSERA_INLINE double DynamicsFit::loss() const { return steps_ == 0 ? 0 : loss_.item<double>() / double(steps_); }
TESSERA_INLINE bool DynamicsFit::epoch(std::int64_t epoch, std::int64_t patience, std::vector<double> errors,
                                       double best) {
  const double mean = loss();
  steps_ = 0;
  return !progress_ || progress_({epoch, patience, mean, std::move(errors), best});
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
