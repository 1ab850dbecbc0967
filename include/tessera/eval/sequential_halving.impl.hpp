#pragma once
#include <algorithm>
#include <cmath>
#include <string>

#include <tessera/eval/sequential_halving.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
inline int halving_rounds(std::size_t count) {
  int rounds = 0;
  for (std::size_t left = count; left > 1; left = (left + 1) / 2) ++rounds;
  return std::max(rounds, 1);
}
inline void set_statistics(Halving::Candidate& c, const std::vector<double>& returns) {
  const auto n = double(returns.size());
  double mean = 0, squares = 0;
  for (const double g : returns) mean += g / n;
  for (const double g : returns) squares += (g - mean) * (g - mean);
  c.episodes = std::int64_t(returns.size()), c.mean = mean;
  c.std_error = returns.size() > 1 ? std::sqrt(squares / (n - 1) / n) : 0;
}
}  // namespace detail

TESSERA_INLINE Halving
sequential_halving(const std::vector<std::size_t>& prior, std::int64_t budget,
                   const std::function<std::vector<double>(std::size_t, std::int64_t, std::int64_t)>& returns) {
  if (prior.empty() || budget < 1)
    throw Error("sequential halving of " + std::to_string(prior.size()) + " candidates by " + std::to_string(budget) +
                " episodes; give at least one of each");
  Halving out;
  out.candidates.resize(*std::max_element(prior.begin(), prior.end()) + 1);
  std::vector<std::vector<double>> all(out.candidates.size());
  // As many as have an episode in each round.
  auto left = prior;
  while (left.size() > 1 && std::int64_t(left.size()) * detail::halving_rounds(left.size()) > budget) left.pop_back();
  out.rounds = detail::halving_rounds(left.size());
  out.order.assign(prior.begin() + std::ptrdiff_t(left.size()), prior.end());
  for (int r = 0; r < out.rounds; ++r) {
    const auto count = budget / (std::int64_t(out.rounds) * std::int64_t(left.size()));
    for (const auto k : left) {
      const auto more = returns(k, std::int64_t(all[k].size()), count);
      all[k].insert(all[k].end(), more.begin(), more.end());
      detail::set_statistics(out.candidates[k], all[k]);
      ++out.candidates[k].rounds, out.episodes += count;
    }
    std::stable_sort(left.begin(), left.end(),
                     [&](std::size_t i, std::size_t j) { return out.candidates[i].mean > out.candidates[j].mean; });
    const auto keep = r + 1 < out.rounds ? (left.size() + 1) / 2 : 0;
    out.order.insert(out.order.begin(), left.begin() + std::ptrdiff_t(keep), left.end());
    left.resize(keep);
  }
  return out;
}
}  // namespace tessera
