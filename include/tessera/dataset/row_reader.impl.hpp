#pragma once
#include <algorithm>
#include <cstdint>

#include <tessera/dataset/row_reader.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE RowReader::RowReader(const Dataset& data)
    : data_(data), disk_(data.on_disk.get()),
      stored_(disk_ ? disk_->stored()
                    : std::int64_t(data.observations.size()) / std::max<std::int64_t>(1, data.observation_size)),
      stored_numbers_(RowsOnDisk::column::observations, data.observation_size, stored_), now_(stored_numbers_),
      next_(stored_numbers_), now_row_(RowsOnDisk::column::observation_row, 1, data.size()),
      next_row_(RowsOnDisk::column::next_observation_row, 1, data.size()),
      actions_(RowsOnDisk::column::actions, data.action_size, data.size()),
      indices_(RowsOnDisk::column::action_indices, 1, data.size()),
      rewards_(RowsOnDisk::column::rewards, 1, data.size()), ends_(RowsOnDisk::column::ends, 1, data.size()),
      propensities_(RowsOnDisk::column::propensities, 1, data.size()) {}
}  // namespace tessera
