// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/data/atomic_file.impl.hpp>
#include <tessera/data/columns.impl.hpp>
#include <tessera/data/d3rlpy.impl.hpp>
#include <tessera/data/d4rl.impl.hpp>
#include <tessera/data/hdf5.impl.hpp>
#include <tessera/data/hdf5_filters.impl.hpp>
#include <tessera/data/hdf5_handle.impl.hpp>
#include <tessera/data/hdf5_read.impl.hpp>
#include <tessera/data/hdf5_structure.impl.hpp>
#include <tessera/data/hdf5_superblock.impl.hpp>
#include <tessera/data/hdf5_text.impl.hpp>
#include <tessera/data/hdf5_write.impl.hpp>
#include <tessera/data/npz.impl.hpp>
#include <tessera/data/regular_file.impl.hpp>
#include <tessera/data/zip.impl.hpp>
