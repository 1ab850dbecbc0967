#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/train/evaluate.hpp>

namespace tessera {
TESSERA_INLINE double Evaluation::mean() const {
  double sum = 0;
  for (double r : returns) sum += r;
  return sum / double(returns.size());
}

TESSERA_INLINE double Evaluation::std() const {
  const double m = mean();
  double sum = 0;
  for (double r : returns) sum += (r - m) * (r - m);
  return std::sqrt(sum / double(returns.size()));
}

TESSERA_INLINE void require_evaluable(std::int64_t observation_size, std::int64_t episodes) {
  if (episodes < 1) throw Error("episodes must be at least 1, not " + std::to_string(episodes));
  const auto row = observation_size * std::int64_t(sizeof(float));
  if (episodes > evaluation_bytes / row) {
    const double bytes = double(episodes) * double(row);
    char text[32];
    std::snprintf(text, sizeof text, "%.0f", bytes);
    throw Error(std::to_string(episodes) + " episodes whose observations have " + std::to_string(observation_size) +
                " numbers take " + text + " bytes at each step, and at most " + std::to_string(evaluation_bytes) +
                " may be taken; evaluate at most " + std::to_string(evaluation_bytes / row) + " episodes at a time");
  }
}
}  // namespace tessera
