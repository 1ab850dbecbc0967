#pragma once
#include <algorithm>
#include <cmath>
#include <string>

#include <tessera/ope/support.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
TESSERA_INLINE double unsupported_share(const tabular::Table& visits, const tabular::Table& counts) {
  if (visits.rows() != counts.rows() || visits.cols() != counts.cols() || visits.size() == 0)
    throw Error("a policy's support: visits are of " + std::to_string(visits.rows()) + " states and " +
                std::to_string(visits.cols()) + " actions, counts of " + std::to_string(counts.rows()) + " and " +
                std::to_string(counts.cols()) + "; give both for the same problem");
  const double all = visits.sum();
  if (!(all > 0)) throw Error("a policy's support: it visits nothing; give its discounted visits");
  return (counts.array() > 0).select(0.0, visits.array()).sum() / all;
}

TESSERA_INLINE RatioShares ratio_shares(const EvaluationLog& log, double low, double high) {
  if (!log.has_ratios()) throw Error("shares of importance ratios: the log has no ratios; give them");
  if (!(low > 0 && low <= high))
    throw Error("shares of importance ratios: limits " + std::to_string(low) + " and " + std::to_string(high) +
                " are no range of positive numbers");
  RatioShares out{.low = low, .high = high, .largest_log = log.log_ratio.front()};
  for (const double ratio : log.log_ratio) {
    if (ratio < std::log(low)) out.below += 1 / double(log.steps());
    if (ratio > std::log(high)) out.above += 1 / double(log.steps());
    out.largest_log = std::max(out.largest_log, ratio);
  }
  return out;
}
}  // namespace tessera::ope
