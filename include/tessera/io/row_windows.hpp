#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/read_limits.hpp>

/// A flat file of rows, read window by window where it is handed over in pieces (`ReadLimits::hand_over`).
namespace tessera {
namespace hdf5 {
class File;
}  // namespace hdf5

struct RowWindow {
  std::int64_t first = 0, count = 0;
};

/// Divides rows into windows that take about a quarter of the memory, and end where an episode ends: ends(i) says
/// whether one is known to end with row i.  Throws an Error that begins with `about` if an episode does not fit into
/// the memory.
std::vector<RowWindow> windows_of_episodes(std::int64_t rows, const std::function<bool(std::int64_t)>& ends,
                                           double bytes_of_row, const ReadLimits& limits, const std::string& about);

/// Hands over what `read(file, window)` makes of the windows of a file of `rows` rows, and returns the rest.
Dataset read_windows(const hdf5::File& file, std::int64_t rows, const std::vector<RowWindow>& windows,
                     const std::function<Dataset(const hdf5::File&, const RowWindow&)>& read);

/// What pieces of a data set say of the whole.
class WholeOfPieces {
 public:
  /// Takes a piece into account that begins with row `first` of the file.
  void add(const Dataset& piece, std::int64_t first);
  /// Says it in the last piece, which has been added too.
  void say(Dataset& last) const;

 private:
  std::int64_t action_size_ = 0;
  std::vector<float> low_, high_;
  std::vector<Warning> warnings_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/row_windows.impl.hpp>
#endif
