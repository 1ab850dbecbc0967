#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/minari_space.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
namespace minari {
/// What is read of a data set's metadata.json.
struct Metadata {
  std::string storage;                     ///< "hdf5", "arrow" or "parquet"
  std::int64_t episodes = -1, steps = -1;  ///< -1 where it does not say
  std::vector<SpacePart> observation, action;
  LogTask task;
  std::vector<Warning> warnings;
};

/// Throws an Error that begins with `about` where the text is not such metadata.
Metadata read_metadata(std::string_view text, const std::string& about);
}  // namespace minari

/// Whether a folder holds a data set of Minari: the folder NAME-vK or the one called data in it.
bool is_minari_folder(const std::string& path);

struct MinariOptions {
  std::string observation;  ///< "NAME:NAME": these parts of a Dict or Tuple alone, in the space's order; empty: all
  std::string action;       ///< the same for actions
  /// A discrete observation as one number from 0 on, instead of as ones and zeros.
  bool discrete_as_index = false;
};

/// Reads a data set of Minari, of any of its three kinds of storage (see `read_arrow_tables` for Arrow and Parquet):
/// the folder NAME-vK, its folder data, or its file main_data.hdf5.
///
/// An episode of T steps has T + 1 observations, so every next observation is known.  The parts of Dict and Tuple
/// spaces become one vector, in the order of Gymnasium's `flatten`; their names stay with the data set, as do the
/// bounds of the spaces, the environment, its time limit and the reference scores.  A step with both end marks
/// terminated; an episode without one was broken off.
Dataset read_minari(const std::string& path, const MinariOptions& options = {}, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/minari.impl.hpp>
#endif
