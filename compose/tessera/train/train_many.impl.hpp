#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/train_many.hpp>

namespace tessera::detail {
TESSERA_INLINE void update_together(RecordedUpdates& make, std::vector<MetricsWindow>& windows, std::int64_t made,
                                    const TrainManyOptions& o) {
  const auto from = made;
  const auto report = [&](bool partial) {
    for (std::size_t i = 0; i < windows.size(); ++i) {
      auto means = windows[i].means();
      if (!partial) windows[i].clear();
      if (o.report && !means.empty()) o.report(i, {made, std::move(means), partial});
    }
  };
  for (bool goes_on = true; goes_on && made < o.updates;) {
    const auto count = launch(made + 1, o);
    make.update_many(made + 1, count);
    made += count;
    if (made % o.report_every == 0) report(false);
    goes_on = !o.after_update || o.after_update(made);
  }
  if (made > from) report(true);
}
}  // namespace tessera::detail
