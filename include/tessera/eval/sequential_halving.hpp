#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace tessera {
/// What came of comparing K candidates by so many episodes in all.
struct Halving {
  struct Candidate {
    std::int64_t episodes = 0;
    double mean = 0;       ///< of its episodes' returns; 0 where it had none
    double std_error = 0;  ///< of that mean; 0 of fewer than two
    int rounds = 0;        ///< in how many it took part
  };
  std::vector<Candidate> candidates;
  std::vector<std::size_t> order;  ///< the candidates, the best first
  std::int64_t episodes = 0;       ///< in all
  int rounds = 0;
};

/// Finds the best of K candidates under a budget of episodes, by sequential halving:
///   R = ceil(log2 K) rounds; in each every candidate that is left has floor(budget / (R |left|)) episodes, and the
///   better half, rounded up, of their means is left
/// Means are over all episodes that a candidate has had.  `prior` has the candidates from the best to the worst by what
/// is known before: where the budget gives not one episode to each, only the first of them begin; equal means stand in
/// its order.  `returns(candidate, first, count)` gives the returns of its episodes number `first`, `first` + 1, ...,
/// which are the same tasks for all candidates.
/// Source: Karnin, Koren, Somekh 2013, "Almost Optimal Exploration in Multi-Armed Bandits", algorithm 1.
/// Differs from the paper: episodes of earlier rounds count.
/// Throws an Error for no candidates, or a budget below 1.
Halving sequential_halving(
    const std::vector<std::size_t>& prior, std::int64_t budget,
    const std::function<std::vector<double>(std::size_t candidate, std::int64_t first, std::int64_t count)>& returns);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/eval/sequential_halving.impl.hpp>
#endif
