#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/child_process.hpp>
#include <tessera/io/npz.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
class IcuSepsis;

/// How to read a file that may be malicious.
struct UntrustedLimits {
  ReadLimits read{};     ///< the limits for any file
  double seconds = 120;  ///< time limit of the reading
  /// Bytes that the reading process may take; 0: twice what `read` allows, plus 256 MiB.
  std::uint64_t memory = 0;

  ChildLimits child(std::uint64_t readable) const;
};

namespace detail {
std::uint64_t size_of_file(const std::string& path);
}  // namespace detail

/// `load_dataset` in a child process, which has as much time and memory as `limits` allow, may write no file, and has
/// none of this process's files open.  libhdf5 is not called in this process.  The data set comes back through a pipe
/// and is checked as it arrives, so that a file which makes libhdf5 crash, hang, ask for all memory, or do anything
/// else is reported as one `Error`.  The price is a second copy of the data while it is read.  See `in_child_process`
/// about threads.
Dataset load_untrusted(const std::string& source, const UntrustedLimits& limits = {});

/// The arrays of a .npz file that `keys` name, as far as the file has them, read in the same way.
NpzFile read_npz_untrusted(const std::string& path, const std::vector<std::string>& keys,
                           const UntrustedLimits& limits = {});

/// `IcuSepsis(path)` whose file is read in the same way.
IcuSepsis load_icu_sepsis_untrusted(const std::string& path, const UntrustedLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/sources/untrusted.impl.hpp>
#endif
