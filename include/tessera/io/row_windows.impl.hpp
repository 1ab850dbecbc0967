#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tessera/io/hdf5.hpp>
#include <tessera/io/row_windows.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE std::vector<RowWindow> windows_of_episodes(std::int64_t rows,
                                                          const std::function<bool(std::int64_t)>& ends,
                                                          double bytes_of_row, const ReadLimits& limits,
                                                          const std::string& about) {
  const auto memory = double(limits.for_request()), wanted = memory / 4 / bytes_of_row;
  std::vector<RowWindow> out;
  std::int64_t first = 0, begin = 0;  // of the window, and of the episode
  const auto close = [&](std::int64_t end) {
    if (end > first) out.push_back({first, end - first});
    first = end;
  };
  for (std::int64_t i = 0; i < rows; ++i) {
    if (i + 1 < rows && !ends(i)) continue;
    if (double(i + 1 - first) > wanted) close(begin);
    if (const auto bytes = double(i + 1 - begin) * bytes_of_row; bytes > memory)
      throw Error(about + ": the episode of rows " + std::to_string(begin) + " to " + std::to_string(i) + " takes " +
                  bytes_text(bytes) + " of memory, which is more than the " + bytes_text(memory) +
                  " that it may take; raise the memory limit, or mark where episodes end");
    begin = i + 1;
  }
  close(rows);
  return out;
}

TESSERA_INLINE void WholeOfPieces::add(const Dataset& piece, std::int64_t first) {
  action_size_ = std::max(action_size_, piece.action_size);
  if (low_.empty()) low_ = piece.action_low, high_ = piece.action_high;
  for (std::size_t j = 0; j < low_.size() && j < piece.action_low.size(); ++j)
    low_[j] = std::fmin(low_[j], piece.action_low[j]), high_[j] = std::fmax(high_[j], piece.action_high[j]);
  for (const auto& w : piece.warnings) {
    const bool known = std::any_of(warnings_.begin(), warnings_.end(), [&](const auto& x) { return x.name == w.name; });
    if (known) continue;
    warnings_.push_back(w);
    if (first > 0) warnings_.back().message = "counted from row " + std::to_string(first) + ", " + w.message;
  }
}
TESSERA_INLINE void WholeOfPieces::say(Dataset& last) const {
  last.action_size = action_size_, last.action_low = low_, last.action_high = high_, last.warnings = warnings_;
}

TESSERA_INLINE Dataset read_windows(const hdf5::File& file, std::int64_t rows, const std::vector<RowWindow>& windows,
                                    const std::function<Dataset(const hdf5::File&, const RowWindow&)>& read) {
  WholeOfPieces whole;
  for (const auto& window : windows) {
    auto data = read(file.part(rows, window.first, window.count), window);
    whole.add(data, window.first);
    if (&window == &windows.back()) {
      whole.say(data);
      return data;
    }
    file.limits().hand_over(data);
  }
  return {};
}
}  // namespace tessera
