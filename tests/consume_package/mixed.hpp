#pragma once
#include <cstdint>

#include <tessera/dataset/dataset.hpp>

/// A hash of a built-in data set, its mean reward, and the data set itself: made in a file that has all from headers.
struct FromHeaders {
  std::uint64_t hash;
  double reward;
  tessera::Dataset data;
};
FromHeaders from_headers();
