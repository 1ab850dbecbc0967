#pragma once
#include <string>

#include <tessera/data/builtin.hpp>
#include <tessera/data/dataset.hpp>
#include <tessera/data/read_limits.hpp>

namespace tessera {
/// Opens "NAME" or "NAME?seed=K", what stands after "builtin:".
Dataset load_builtin(const std::string& request);

/// Fails unless `path` is a file that begins as HDF5 files do.
void require_hdf5(const std::string& path);

/// Opens a data set: "builtin:NAME", "builtin:NAME?seed=K" (see `builtin_datasets`), "icu-sepsis:PATH" with
/// options (see `icu_sepsis_dataset`), or the path of an HDF5 file in the layout of D4RL or d3rlpy 1, told
/// apart by their keys.  Findings that are not fatal are in
/// the result's `warnings`.  A file that may have been made to do harm: `load_untrusted`.
Dataset load_dataset(const std::string& source, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/data/load.impl.hpp>
#endif
