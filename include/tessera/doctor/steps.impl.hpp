#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <tessera/dataset/bulk.hpp>
#include <tessera/doctor/steps.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE bool has_coded_states(const Dataset& data) {
  return std::all_of(data.observations.begin(), data.observations.end(), [](float x) { return x == std::floor(x); });
}

TESSERA_INLINE StepLengths::StepLengths(const Dataset& data) {
  const auto n = std::size_t(data.observation_size);
  std::vector<double> mean(n), square(n);
  unit_.assign(n, 0);
  const auto rows = detail::spread_rows(data.size());
  const auto count = double(rows.size());
  for (const auto i : rows)
    for (std::size_t j = 0; j < n; ++j) mean[j] += double(data.observation(i)[j]) / count;
  for (const auto i : rows)
    for (std::size_t j = 0; j < n; ++j) {
      const double off = double(data.observation(i)[j]) - mean[j];
      square[j] += off * off / count;
    }
  for (std::size_t j = 0; j < n; ++j)
    if (square[j] > 1e-12 * mean[j] * mean[j]) unit_[j] = 1 / square[j];
  std::vector<double> lengths;
  for (const auto i : rows)
    if (data.terminals[std::size_t(i)] == 0 && data.timeouts[std::size_t(i)] == 0)
      lengths.push_back(length(data.observation(i), data.next_observation(i)));
  if (lengths.size() < 20) return;
  const auto at = [&](double q) {
    const auto rank = lengths.begin() + std::ptrdiff_t(q * double(lengths.size() - 1));
    std::nth_element(lengths.begin(), rank, lengths.end());
    return *rank;
  };
  usual_ = at(0.99), common_ = at(0.9);
  tells_ = usual_ > 0 && !has_coded_states(data);
}
TESSERA_INLINE double StepLengths::length(const float* from, const float* to) const {
  double sum = 0;
  for (std::size_t j = 0; j < unit_.size(); ++j) {
    const double off = double(to[j]) - double(from[j]);
    sum += unit_[j] * off * off;
  }
  return sum;
}
}  // namespace tessera
