#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>

#include <tessera/data/d3rlpy.hpp>
#include <tessera/data/d4rl.hpp>
#include <tessera/data/load.hpp>
#include <tessera/data/printable.hpp>
#include <tessera/data/regular_file.hpp>
#include <tessera/env/icu_sepsis.hpp>
#include <tessera/inline.hpp>

namespace tessera {
TESSERA_INLINE Dataset load_builtin(const std::string& request) {
  const auto mark = request.find('?');
  std::uint64_t seed = 0;
  if (mark != std::string::npos) {
    const std::string option = request.substr(mark + 1), key = "seed=";
    const char* const end = option.data() + option.size();
    const bool known = option.starts_with(key);
    const auto read = std::from_chars(option.data() + (known ? key.size() : 0), end, seed);
    if (!known || read.ec != std::errc{} || read.ptr != end)
      throw Error("builtin:" + request + ": '?" + option +
                  "' is not understood; write ?seed=K with K a whole "
                  "number from 0");
  }
  return builtin_dataset(request.substr(0, mark), seed);
}

TESSERA_INLINE void require_hdf5(const std::string& path) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  const auto meant = std::filesystem::exists(status) ? std::string() : nearest_name(path, builtin_datasets());
  if (!meant.empty()) throw Error(printable(path) + ": there is no such file; check the path, or write builtin:" + meant);
  if (std::filesystem::is_directory(status))
    throw Error(printable(path) + ": is a folder; give one HDF5 file (Minari's folders are not read yet)");
  const RegularFile file(path, "an HDF5 file");
  std::array<char, 8> head{};
  file.read(0, head.data(), head.size());
  if (std::memcmp(head.data(), "\x89HDF\r\n\x1a\n", head.size()) != 0)
    throw Error(file.path() + ": is not an HDF5 file, whatever its name says; D4RL and d3rlpy 1 files are read");
}

TESSERA_INLINE Dataset load_dataset(const std::string& source, const ReadLimits& limits) {
  const std::string prefix = "builtin:";
  if (source.starts_with(prefix)) return load_builtin(source.substr(prefix.size()));
  const std::string icu = "icu-sepsis:";
  if (source.starts_with(icu)) return icu_sepsis_dataset(source.substr(icu.size()), limits);
  if (source.empty()) throw Error("no data set is named; give a path or builtin:NAME");
  require_hdf5(source);
  const auto file = hdf5::File::open(source, limits);
  for (const char* key :
       {"episode_terminals", "discrete_action", "columns", "num_episodes", "observations_0"})
    if (file.exists(key)) return read_d3rlpy(file);
  // A file with one field missing is more likely that than of another layout: let the reader name it.
  int present = 0;
  for (const char* key : {"observations", "actions", "rewards", "terminals"}) present += file.exists(key);
  if (present >= 3) return read_d4rl(file);

  std::string found;
  constexpr std::size_t most = 12;
  const auto count = file.count_keys();
  auto keys = file.keys("/", count > 1000 ? most : 1000);  // the first in order, or any where they are too many to sort
  keys.resize(std::min(keys.size(), most));
  for (const auto& key : keys) found += (found.empty() ? "" : ", ") + printable_name(key);
  if (count > most) found += ", ... (" + std::to_string(count) + " in all)";
  throw Error(printable(source) + ": is HDF5 of an unknown layout" + (file.exists("episode_0") ? " (Minari's?)" : "") +
              ", with the keys [" + found +
              "]; expected are observations, actions, rewards, terminals and "
              "timeouts (D4RL) or episode_terminals (d3rlpy 1)");
}
}  // namespace tessera
