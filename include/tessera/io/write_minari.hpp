#pragma once
#include <string>

#include <tessera/io/write_parts.hpp>

namespace tessera {
/// Writes a data set as Minari stores one in HDF5, a folder PATH/data with 'main_data.hdf5', a group for each episode,
/// and 'metadata.json': so that `minari.MinariDataset(PATH/data)` opens it, and `minari.load_dataset` if the folder is
/// in Minari's.  The data set's id is the folder's name, with the version -v0 if it has none.
///
/// Observations are a Box of float32, with the bounds that are known and infinite ones for the rest; actions are a Box,
/// a Discrete or, where they are several choices at once, a MultiDiscrete.  The names of numbers and actions are a key
/// 'names' of the space, which Minari passes over.  A last observation that is unknown is written as the one before it,
/// and its episode's group has the attribute last_observation = "unknown".
///
/// Returns what the format does not hold.  The folder appears under its name when it is whole and on the disk.
Losses write_minari(const std::string& path, const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/write_minari.impl.hpp>
#endif
