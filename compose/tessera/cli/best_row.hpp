#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/cli/run_folder.hpp>

namespace tessera::cli {
/// The best checkpoint of a run so far: by the lower end of the estimate's interval, where the policy is followed, else
/// by the return; of equal ones the first.
struct BestRow {
  std::int64_t updates = 0;
  double value = 0;
  std::int64_t later = 0;  ///< estimates, or evaluations, after it
};
/// Nothing where nothing was estimated or evaluated yet.
std::optional<BestRow> best_row(const TrainCommand& c, const std::vector<Row>& rows);
/// Whether so many later ones were no better that the training has ended before its last update.
bool stopped_early(const TrainCommand& c, const std::vector<Row>& rows);
/// What is compared, in words.
std::string compared(const TrainCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/best_row.hpp>
#endif
