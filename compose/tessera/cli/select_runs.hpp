#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include <tessera/cli/ope.hpp>
#include <tessera/cli/ope_commands.hpp>
#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// How far a ranking of policies by logged data can be trusted.
struct RankingTrust {
  /// Spearman's correlation of the ranking estimates with those of another estimator that all policies have.
  struct Agreement {
    std::string estimator;
    double rank_correlation = 0;  ///< NaN where all are equal
  };
  std::vector<Agreement> agreements;
  std::size_t overlapping = 0;  ///< policies beside the first whose interval reaches above its lower end
};

/// The order of policies by the lower end of their intervals by an estimator, the highest first; by the estimate where
/// these are equal.  One without an estimate stands last.
std::vector<std::size_t> ranking(const std::vector<Judged>& all, const std::string& by);
RankingTrust trust_in(const std::vector<Judged>& all, const std::vector<std::size_t>& order, const std::string& by);

void select_runs(const SelectCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/select_runs.hpp>
#endif
