#pragma once
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/data_folder.hpp>
#include <tessera/io/dataset_stream.hpp>
#include <tessera/sources/icu_sepsis.hpp>
#include <tessera/sources/untrusted.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE ChildLimits UntrustedLimits::child(std::uint64_t readable) const {
  constexpr std::uint64_t spare = std::uint64_t{256} << 20, max = std::uint64_t{1} << 46;
  return {.seconds = seconds, .memory = memory != 0 ? memory : 2 * std::min(readable, max) + spare};
}
}  // namespace tessera

namespace tessera::detail {
TESSERA_INLINE std::uint64_t size_of_file(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE Dataset load_untrusted(const std::string& source, const UntrustedLimits& limits) {
  const auto [reader, request] = find_reader(source);
  if (reader != nullptr && !reader->of_file()) return load_dataset(source, limits.read);
  const auto readable = reader != nullptr && reader->read != nullptr
                            ? limits.read.for_request()
                            : limits.read.for_file(size_of_data(DataRequest(request).path()));
  const auto about = printable(source);
  return in_child_process(
      about, limits.child(readable), limits.read.meanwhile,
      [&](auto begin) {
        ReadLimits inside = limits.read;
        inside.meanwhile = nullptr;  // called by the parent instead
        const auto data = load_dataset(source, inside);
        stream::write_dataset(begin(), data);
      },
      // Twice: an index and a row number are stored next to the numbers of the file.
      [&](auto& from) {
        return stream::read_dataset(from, about,
                                    MemoryBudget({.bytes = 2 * std::max<std::uint64_t>(readable, 1 << 20)}, 0));
      });
}

TESSERA_INLINE NpzFile read_npz_untrusted(const std::string& path, const std::vector<std::string>& keys,
                                          const UntrustedLimits& limits) {
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

TESSERA_INLINE IcuSepsis load_icu_sepsis_untrusted(const std::string& path, const UntrustedLimits& limits) {
  return IcuSepsis(read_npz_untrusted(path, IcuSepsis::arrays(), limits));
}
}  // namespace tessera
