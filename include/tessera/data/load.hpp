#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <tessera/data/builtin.hpp>
#include <tessera/data/d3rlpy.hpp>
#include <tessera/data/d4rl.hpp>
#include <tessera/env/icu_sepsis.hpp>

namespace tessera {
/// Opens "NAME" or "NAME?seed=K", what stands after "builtin:".
inline Dataset load_builtin(const std::string& request) {
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

/// Fails unless `path` is a file that begins as HDF5 files do.
inline void require_hdf5(const std::string& path) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) {
    const bool meant_builtin = !nearest_name(path, builtin_datasets()).empty();
    throw Error(path + ": there is no such file; check the path" +
                (meant_builtin ? ", or write builtin:" + nearest_name(path, builtin_datasets()) : ""));
  }
  if (std::filesystem::is_directory(status))
    throw Error(path + ": is a folder; give one HDF5 file (Minari's folders are not read yet)");
  if (!std::filesystem::is_regular_file(status))
    throw Error(path + ": is not a regular file; give an HDF5 file");
  std::ifstream file(path, std::ios::binary);
  std::array<char, 8> head{};
  file.read(head.data(), head.size());
  if (!file.is_open()) throw Error(path + ": cannot be opened; check the permissions");
  if (file.gcount() == 0) throw Error(path + ": is an empty file; copy or download it again");
  if (std::memcmp(head.data(), "\x89HDF\r\n\x1a\n", head.size()) != 0)
    throw Error(path + ": is not an HDF5 file, whatever its name says; D4RL and d3rlpy 1 files are read");
}

/// Opens a data set: "builtin:NAME", "builtin:NAME?seed=K" (see `builtin_datasets`), "icu-sepsis:PATH" with
/// options (see `icu_sepsis_dataset`), or the path of an HDF5 file in the layout of D4RL or d3rlpy 1, told
/// apart by their keys.  Findings that are not fatal are in
/// the result's `warnings`.
inline Dataset load_dataset(const std::string& source) {
  const std::string prefix = "builtin:";
  if (source.starts_with(prefix)) return load_builtin(source.substr(prefix.size()));
  const std::string icu = "icu-sepsis:";
  if (source.starts_with(icu)) return icu_sepsis_dataset(source.substr(icu.size()));
  if (source.empty()) throw Error("no data set is named; give a path or builtin:NAME");
  require_hdf5(source);
  const auto file = hdf5::File::open(source);
  for (const char* key :
       {"episode_terminals", "discrete_action", "columns", "num_episodes", "observations_0"})
    if (file.exists(key)) return read_d3rlpy(file);
  // A file with one field missing is more likely that than of another layout: let the reader name it.
  int present = 0;
  for (const char* key : {"observations", "actions", "rewards", "terminals"}) present += file.exists(key);
  if (present >= 3) return read_d4rl(file);

  std::string found;
  const auto keys = file.keys();
  constexpr std::size_t most = 12;
  for (std::size_t i = 0; i < std::min(keys.size(), most); ++i) found += (i > 0 ? ", " : "") + keys[i];
  if (keys.size() > most) found += ", ... (" + std::to_string(keys.size()) + " in all)";
  throw Error(source + ": is HDF5 of an unknown layout" + (file.exists("episode_0") ? " (Minari's?)" : "") +
              ", with the keys [" + found +
              "]; expected are observations, actions, rewards, terminals and "
              "timeouts (D4RL) or episode_terminals (d3rlpy 1)");
}
}  // namespace tessera
