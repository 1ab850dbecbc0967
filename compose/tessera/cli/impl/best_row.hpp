#pragma once
#include <cmath>

#include <tessera/cli/best_row.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE std::optional<BestRow> best_row(const TrainCommand& c, const std::vector<Row>& rows) {
  std::optional<BestRow> out;
  for (const auto& row : rows) {
    const auto x = c.follow.every > 0 ? row.metric(estimate_low_column) : row.return_mean;
    if (!x) continue;
    if (!out || *x > out->value || (std::isnan(out->value) && !std::isnan(*x))) out = BestRow{row.updates, *x};
    else ++out->later;
  }
  return out;
}

TESSERA_CLI_INLINE bool stopped_early(const TrainCommand& c, const std::vector<Row>& rows) {
  const auto best = best_row(c, rows);
  return c.patience > 0 && best && best->later >= c.patience;
}

TESSERA_CLI_INLINE std::string compared(const TrainCommand& c) {
  return c.follow.every > 0 ? "the lower end of fqe" : "the return";
}
}  // namespace tessera::cli
