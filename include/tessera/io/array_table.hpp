#pragma once
#include <string>

#include <tessera/io/arrow_table.hpp>
#include <tessera/io/hdf5.hpp>
#include <tessera/io/log_table.hpp>
#include <tessera/io/npz.hpp>

namespace tessera {
/// The arrays of an HDF5 file as a table: each that has as many rows as most have is a column, called by its key;
/// those in groups by their path, "observations/speed".  Rows of a higher rank are flattened, with a warning.  The file
/// must outlive it.
TableSource hdf5_source(const hdf5::File& file);

/// The arrays of a .npz file, likewise; Python objects among them are left out.
TableSource npz_source(const NpzFile& file);

/// A Parquet or Arrow file as a table: see `read_arrow_table`.  Lists of one length are columns of several numbers.
TableSource arrow_source(const std::string& path, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/array_table.impl.hpp>
#endif
