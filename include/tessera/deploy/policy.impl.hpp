#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tessera/deploy/policy.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::deploy {
namespace detail {
inline bool all_finite(const float* x, std::int64_t count) {
  return std::all_of(x, x + count, [](float each) { return std::isfinite(each); });
}
inline float activated(op what, float x) {
  switch (what) {
    case op::relu:
      return x < 0 ? 0.0f : x;  // NaN stays
    case op::gelu:
      return 0.5f * x * (1 + std::tanh(0.7978845608028654f * (x + 0.044715f * x * x * x)));
    case op::tanh:
      return std::tanh(x);
    case op::silu:
      return x / (1 + std::exp(-x));
    case op::mish:
      return x * std::tanh(x > 20 ? x : std::log1p(std::exp(x)));
    default:
      return std::exp(x);
  }
}
// f(x, y) number by number, y with one row or column where it is spread.
template <class F>
void paired(const Value& x, const Value& y, const float* a, const float* b, float* out, F f) {
  const auto row = y.rows == 1 ? 0 : y.columns, column = y.columns == 1 ? std::int64_t(0) : std::int64_t(1);
  for (std::int64_t i = 0; i < x.rows; ++i, a += x.columns, out += x.columns)
    for (std::int64_t j = 0; j < x.columns; ++j) out[j] = f(a[j], b[i * row + j * column]);
}
inline void layer_norm(const Value& v, const float* x, const float* gain, const float* shift, float* out) {
  for (std::int64_t i = 0; i < v.rows; ++i, x += v.columns, out += v.columns) {
    double mean = 0, square = 0;
    for (std::int64_t j = 0; j < v.columns; ++j) mean += double(x[j]);
    mean /= double(v.columns);
    for (std::int64_t j = 0; j < v.columns; ++j) square += (double(x[j]) - mean) * (double(x[j]) - mean);
    const double factor = 1 / std::sqrt(square / double(v.columns) + double(v.low));
    for (std::int64_t j = 0; j < v.columns; ++j) out[j] = float((double(x[j]) - mean) * factor) * gain[j] + shift[j];
  }
}
// The first of the largest; of numbers among which one is NaN, that one.
inline std::int64_t largest(const float* x, std::int64_t count) {
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < count && !std::isnan(x[best]); ++i)
    if (x[i] > x[best] || std::isnan(x[i])) best = i;
  return best;
}
inline void likely(const Value& v, const float* scores, const float* logits, float* out) {
  const float most = *std::max_element(logits, logits + v.columns);
  for (std::int64_t j = 0; j < v.columns; ++j) out[j] = logits[j] - most > v.low ? scores[j] : -1e30f;
}
}  // namespace detail

TESSERA_INLINE Policy::Policy(Program program) : program_(std::move(program)) {
  if (const auto fault = fault_of(program_); !fault.empty()) throw Error("a policy's program: " + fault);
  layout_ = layout_of(program_);
  memory_.setZero(layout_.size);
  hash_ = content_hash(program_);
  if (const auto* noise = program_.noise()) noise_ = std::int64_t(noise->size());
  std::int64_t widest = 0;
  for (const auto& v : program_.values) widest = std::max(widest, v.columns);
  active_.resize(std::size_t(widest));
}

TESSERA_INLINE const float* Policy::at(std::int32_t i) const {
  const auto& v = program_.values[std::size_t(i)];
  if (v.what == op::observation) return observation_;
  if (v.what == op::noise) return given_;
  return v.what == op::constant ? v.numbers.data() : memory_.data() + layout_.offsets[std::size_t(i)];
}

// out = x W + b by sums of rows of W, which lie one after the other.  Of inputs that are 0, half of them behind relu,
// the row is not read: what bounds a call is how fast weights come out of the cache.
TESSERA_INLINE void Policy::linear(const Value& v, float* out) noexcept {
  const auto& given = program_.values[std::size_t(v.in[0])];
  const float *x = at(v.in[0]), *w = at(v.in[1]);
  const auto columns = v.columns;
  for (std::int64_t i = 0; i < v.rows; ++i, x += given.columns, out += columns) {
    Eigen::Map<Eigen::ArrayXf> y(out, columns);
    if (v.in.size() > 2) y = Eigen::Map<const Eigen::ArrayXf>(at(v.in[2]), columns);
    else y.setZero();
    std::size_t count = 0;
    for (std::int64_t k = 0; k < given.columns; ++k) {
      active_[count] = std::int32_t(k);
      count += x[k] != 0;
    }
    const auto row = [&](std::size_t k) { return Eigen::Map<const Eigen::ArrayXf>(w + active_[k] * columns, columns); };
    const auto factor = [&](std::size_t k) { return x[active_[k]]; };
    std::size_t k = 0;
    for (; k + 4 <= count; k += 4)
      y += factor(k) * row(k) + factor(k + 1) * row(k + 1) + factor(k + 2) * row(k + 2) + factor(k + 3) * row(k + 3);
    for (; k < count; ++k) y += factor(k) * row(k);
  }
}

TESSERA_INLINE void Policy::compute(const Value& v, float* out) noexcept {
  const auto in = [&](std::size_t i) -> const Value& { return program_.values[std::size_t(v.in[i])]; };
  const auto* x = at(v.in[0]);
  const auto paired = [&](auto f) { detail::paired(in(0), in(1), x, at(v.in[1]), out, f); };
  switch (v.what) {
    case op::linear:
      return linear(v, out);
    case op::add:
      return paired([](float a, float b) { return a + b; });
    case op::multiply:
      return paired([](float a, float b) { return a * b; });
    case op::minimum:
      return paired([](float a, float b) { return b < a || std::isnan(b) ? b : a; });
    case op::clamp:
      for (std::size_t i = 0; i < v.size(); ++i) out[i] = x[i] < v.low ? v.low : x[i] > v.high ? v.high : x[i];
      return;
    case op::layer_norm:
      return detail::layer_norm(v, x, at(v.in[1]), at(v.in[2]), out);
    case op::rows:
      std::copy_n(x + v.from * v.columns, v.size(), out);
      return;
    case op::pick:
      std::copy_n(x + detail::largest(at(v.in[1]), in(1).rows) * v.columns, v.size(), out);
      return;
    case op::likely:
      return detail::likely(v, x, at(v.in[1]), out);
    case op::argmax: {
      const auto best = detail::largest(x, in(0).columns);
      out[0] = std::isfinite(x[best]) ? float(v.from + best) : x[best];
      return;
    }
    default:
      for (std::size_t i = 0; i < v.size(); ++i) out[i] = detail::activated(v.what, x[i]);
  }
}

TESSERA_INLINE outcome Policy::try_act(const float* observation, const float* noise, float* action) noexcept {
  if (!detail::all_finite(observation, observation_size()) || (noise_ > 0 && !detail::all_finite(noise, noise_)))
    return outcome::observation_not_finite;
  observation_ = observation, given_ = noise;
  for (std::size_t i = 0; i < program_.values.size(); ++i)
    if (layout_.offsets[i] >= 0) compute(program_.values[i], memory_.data() + layout_.offsets[i]);
  const float* made = at(std::int32_t(program_.values.size() - 1));
  if (!detail::all_finite(made, action_size())) return outcome::action_not_finite;
  std::copy_n(made, action_size(), action);
  return outcome::acted;
}

TESSERA_INLINE void Policy::act(std::span<const float> observation, std::span<const float> noise,
                                std::span<float> action) {
  const auto require = [](const char* what, std::size_t has, std::int64_t needs) {
    if (std::int64_t(has) != needs)
      throw Error(std::string("act: the ") + what + " has " + std::to_string(has) +
                  " numbers, and the policy was made for " + std::to_string(needs));
  };
  require("observation", observation.size(), observation_size());
  require("noise", noise.size(), noise_);
  require("action", action.size(), action_size());
  switch (try_act(observation.data(), noise.data(), action.data())) {
    case outcome::observation_not_finite:
      throw Error("act: the observation, or the noise, has a number that is not finite");
    case outcome::action_not_finite:
      throw Error("act: the observation is so large that the action is not finite");
    case outcome::acted:
      return;
  }
}
TESSERA_INLINE std::vector<float> Policy::act(std::span<const float> observation) {
  std::vector<float> action(static_cast<std::size_t>(action_size()));
  act(observation, action);
  return action;
}
TESSERA_INLINE std::int64_t Policy::code(std::span<const float> observation) {
  if (!signature().discrete) throw Error("code: the policy's actions are continuous; ask with act");
  float action = 0;
  act(observation, {&action, 1});
  return std::int64_t(action);
}
}  // namespace tessera::deploy
