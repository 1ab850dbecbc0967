// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/io/arrow_table.impl.hpp>
#include <tessera/io/columns.impl.hpp>
#include <tessera/io/d3rlpy.impl.hpp>
#include <tessera/io/d4rl.impl.hpp>
#include <tessera/io/hdf5.impl.hpp>
#include <tessera/io/hdf5_filters.impl.hpp>
#include <tessera/io/hdf5_handle.impl.hpp>
#include <tessera/io/hdf5_read.impl.hpp>
#include <tessera/io/hdf5_structure.impl.hpp>
#include <tessera/io/hdf5_superblock.impl.hpp>
#include <tessera/io/hdf5_text.impl.hpp>
#include <tessera/io/hdf5_write.impl.hpp>
#include <tessera/io/npz.impl.hpp>
#include <tessera/io/regular_file.impl.hpp>
#include <tessera/io/zip.impl.hpp>
#include <tessera/support/atomic_file.impl.hpp>
