#pragma once
#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/row_reader.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
/// Spreads of `count` vectors of `width` floats; `row(i)` points to vector i.  In float64 and two passes, because the
/// mean of squares minus the squared mean loses all digits when the mean is large.
template <class Row>
std::vector<Spread> spreads(std::int64_t count, std::int64_t width, Row row) {
  using Array = Eigen::ArrayXd;
  std::vector<Spread> found(static_cast<std::size_t>(width));
  if (count == 0) return found;
  const auto at = [&](std::int64_t i) {
    return Eigen::Map<const Eigen::ArrayXf>(row(i), width).template cast<double>();
  };
  Array sum = Array::Zero(width), squares = Array::Zero(width), low = at(0), high = low;
  for (std::int64_t i = 0; i < count; ++i) {
    sum += at(i);
    low = low.min(at(i));
    high = high.max(at(i));
  }
  const Array mean = sum / static_cast<double>(count);
  for (std::int64_t i = 0; i < count; ++i) squares += (at(i) - mean).square();
  const Array std = (squares / static_cast<double>(count)).sqrt();
  for (std::int64_t j = 0; j < width; ++j) found[static_cast<std::size_t>(j)] = {mean[j], std[j], low[j], high[j]};
  return found;
}

TESSERA_INLINE Spread spread(const std::vector<double>& values) {
  if (values.empty()) return {};
  const Eigen::Map<const Eigen::ArrayXd> all(values.data(), static_cast<Eigen::Index>(values.size()));
  const double mean = all.mean();
  return {mean, std::sqrt((all - mean).square().mean()), all.minCoeff(), all.maxCoeff()};
}

TESSERA_INLINE moments observation_moments(const Dataset& data, const std::vector<std::int64_t>& transitions) {
  if (transitions.empty()) throw Error(data.name + ": no transitions to take moments of; select some");
  for (const auto i : transitions)
    if (i < 0 || i >= data.size())
      throw Error(data.name + ": transition " + std::to_string(i) + " does not exist; there are " +
                  std::to_string(data.size()));
  moments found;
  RowReader rows(data);
  const auto columns = spreads(static_cast<std::int64_t>(transitions.size()), data.observation_size,
                               [&](std::int64_t i) { return rows.observation(transitions[std::size_t(i)]); });
  for (const auto& column : columns) {
    found.mean.push_back(column.mean);
    found.std.push_back(column.std);
  }
  return found;
}

TESSERA_INLINE DatasetSummary summarize(const Dataset& data) {
  DatasetSummary found;
  std::vector<double> lengths, returns;
  lengths.reserve(data.episodes.size()), returns.reserve(data.episodes.size());
  for (const auto& episode : data.episodes) {
    found.rows += episode.rows;
    found.complete_episodes += episode.complete;
    lengths.push_back(static_cast<double>(episode.rows));
    returns.push_back(episode.episode_return);
  }
  found.transitions = data.size();
  found.episodes = static_cast<std::int64_t>(data.episodes.size());
  found.episode_length = spread(lengths);
  found.episode_return = spread(returns);
  RowReader rows(data);
  found.observations = spreads(data.size(), data.observation_size, [&](std::int64_t i) { return rows.observation(i); });
  if (data.kind == action_kind::continuous) {
    found.actions = spreads(data.size(), data.action_size, [&](std::int64_t i) { return rows.action(i); });
  } else {
    found.action_counts.resize(static_cast<std::size_t>(data.action_size));
    for (std::int64_t i = 0; i < data.size(); ++i)
      ++found.action_counts[static_cast<std::size_t>(rows.action_index(i))];
  }
  found.reward = spreads(data.size(), 1, [&](std::int64_t i) { return rows.reward(i); })[0];
  if (data.has_propensities())
    found.propensity = spreads(data.size(), 1, [&](std::int64_t i) { return rows.propensity(i); })[0];
  double terminals = 0, timeouts = 0;
  for (std::int64_t i = 0; i < data.size(); ++i) terminals += rows.terminal(i), timeouts += rows.timeout(i);
  if (data.size() > 0) {
    found.terminal_fraction = terminals / static_cast<double>(data.size());
    found.timeout_fraction = timeouts / static_cast<double>(data.size());
  }
  return found;
}
}  // namespace tessera
