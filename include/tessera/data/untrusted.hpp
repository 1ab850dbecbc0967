#pragma once
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tessera/data/child_process.hpp>
#include <tessera/data/dataset_stream.hpp>
#include <tessera/data/load.hpp>

namespace tessera {
/// How a file is read that may have been made to do harm.
struct UntrustedLimits {
  ReadLimits read{};         ///< as for other files
  double seconds = 120;      ///< that reading it may take
  std::uint64_t memory = 0;  ///< bytes that the process may take that reads it; 0: twice what `read` allows, and 256 MiB

  ChildLimits child(std::uint64_t readable) const {
    constexpr std::uint64_t spare = std::uint64_t{256} << 20, most = std::uint64_t{1} << 46;
    return {.seconds = seconds, .memory = memory != 0 ? memory : 2 * std::min(readable, most) + spare};
  }
};

namespace detail {
inline std::uint64_t size_of_file(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}
}  // namespace detail

/// `load_dataset` in a child process, which has as much time and memory as `limits` say, may write no file, and has none of this process's files
/// open.  libhdf5 is not called here.  The data set comes back through a pipe and is checked on the way in, so that a file which makes
/// libhdf5 crash, hang, ask for all memory, or do anything else, is one `Error`.  For the cost of a second copy of the data while it is read.
/// See `in_child_process` about threads.
inline Dataset load_untrusted(const std::string& source, const UntrustedLimits& limits = {}) {
  const auto [reader, request] = find_reader(source);
  if (reader != nullptr && !reader->of_file()) return load_dataset(source, limits.read);
  const auto readable = reader != nullptr && reader->read != nullptr ? limits.read.for_request() : limits.read.for_file(detail::size_of_file(request));
  const auto about = printable(source);
  return in_child_process(
      about, limits.child(readable), limits.read.meanwhile,
      [&](auto begin) {
        ReadLimits inside = limits.read;
        inside.meanwhile = nullptr;  // is called by the parent
        const auto data = load_dataset(source, inside);
        stream::write_dataset(begin(), data);
      },
      // Twice: an index and a number of a row stand beside the numbers of the file.
      [&](auto& from) { return stream::read_dataset(from, about, MemoryBudget({.bytes = 2 * std::max<std::uint64_t>(readable, 1 << 20)}, 0)); });
}

/// The arrays of a .npz file that `keys` name, as far as it has them, read in the same way.
inline NpzFile read_npz_untrusted(const std::string& path, const std::vector<std::string>& keys, const UntrustedLimits& limits = {}) {
  const auto readable = limits.read.for_file(detail::size_of_file(path));
  const auto about = printable(path);
  auto arrays = in_child_process(
      about, limits.child(readable), limits.read.meanwhile,
      [&](auto begin) {
        ReadLimits inside = limits.read;
        inside.meanwhile = nullptr;
        const NpzFile file(path, inside);
        std::vector<std::pair<std::string, NpyArray>> found;
        for (const auto& key : keys)
          if (file.exists(key)) found.emplace_back(key, file.read(key));
        auto& out = begin();
        stream::write(out, std::uint64_t(found.size()));
        for (const auto& [key, array] : found) stream::write(out, key), stream::write_array(out, array);
      },
      [&](auto& from) {
        stream::Reader in(from, about, MemoryBudget({.bytes = std::max<std::uint64_t>(readable, 1 << 20)}, 0));
        std::map<std::string, NpyArray> found;
        for (auto left = in.count(keys.size()); left-- > 0;) {
          auto key = in.text();
          found.emplace(std::move(key), stream::read_array(in));
        }
        return found;
      });
  return NpzFile(path, std::move(arrays));
}

/// `IcuSepsis(path)` whose file is read in the same way.
inline IcuSepsis load_icu_sepsis_untrusted(const std::string& path, const UntrustedLimits& limits = {}) {
  return IcuSepsis(read_npz_untrusted(path, IcuSepsis::arrays(), limits));
}
}  // namespace tessera
