#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/io/d3rlpy.hpp>
#include <tessera/io/d4rl.hpp>
#include <tessera/io/regular_file.hpp>
#include <tessera/sources/icu_sepsis.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

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

namespace detail {
struct BuiltinData {
  static constexpr const char *name = "builtin", *request = "NAME";
  static Dataset read(const std::string& wanted, const ReadLimits&) { return load_builtin(wanted); }
};
struct IcuSepsisData {
  static constexpr const char* name = "icu-sepsis";
  static Dataset read(const std::string& request, const ReadLimits& limits) {
    return icu_sepsis_dataset(request, limits);
  }
};
struct D3rlpyLayout {
  static constexpr const char* name = "d3rlpy";
  static bool sniff(const hdf5::File& file) {
    constexpr const char* keys[] = {"episode_terminals", "discrete_action", "columns", "num_episodes",
                                    "observations_0"};
    return std::any_of(std::begin(keys), std::end(keys), [&](const char* key) { return file.exists(key); });
  }
  static Dataset read(const hdf5::File& file) { return read_d3rlpy(file); }
};
struct D4rlLayout {
  static constexpr const char* name = "d4rl";
  // A file that lacks one field is more likely of this layout than of another: let the reader name the field.
  static bool sniff(const hdf5::File& file) {
    int present = 0;
    for (const char* key : {"observations", "actions", "rewards", "terminals"}) present += file.exists(key);
    return present >= 3;
  }
  static Dataset read(const hdf5::File& file) { return read_d4rl(file); }
};
inline constexpr std::size_t our_readers = 4;
}  // namespace detail

TESSERA_INLINE std::vector<DatasetReader>& dataset_readers() {
  static std::vector<DatasetReader> all = {
      detail::reader_of<detail::BuiltinData>(), detail::reader_of<detail::IcuSepsisData>(),
      detail::reader_of<detail::D3rlpyLayout>(), detail::reader_of<detail::D4rlLayout>()};
  return all;
}

TESSERA_INLINE void require_distinct_readers() {
  const auto& all = dataset_readers();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].name == all[j].name)
        throw Error("this program registers two readers called '" + all[i].name +
                    "'; give one of them another name, or leave it out");
}

TESSERA_INLINE std::pair<const DatasetReader*, std::string> find_reader(const std::string& source) {
  const auto colon = source.find(':');
  if (colon != std::string::npos)
    for (const auto& reader : dataset_readers())
      if (source.compare(0, colon, reader.name) == 0 && reader.name.size() == colon)
        return {&reader, source.substr(colon + 1)};
  return {nullptr, source};
}

namespace detail {
// The name of the file in a request "PATH?OPTIONS".
TESSERA_INLINE std::string path_of_request(const std::string& request) { return request.substr(0, request.find('?')); }

// The readers that a program added: " and those of 'mine'".
TESSERA_INLINE std::string added_readers(const char* before, bool (*of_kind)(const DatasetReader&)) {
  std::string all;
  for (std::size_t i = our_readers; i < dataset_readers().size(); ++i)
    if (const auto& reader = dataset_readers()[i]; of_kind(reader))
      all += (all.empty() ? before : ", ") + ("'" + reader.name + "'");
  return all;
}
[[noreturn]] TESSERA_INLINE void several_readers(const std::string& path, const DatasetReader& one,
                                                 const DatasetReader& other) {
  throw Error(printable(path) + ": is recognized by two readers; write " + one.name + ":PATH or " + other.name +
              ":PATH");
}

inline constexpr std::string_view hdf5_signature = "\x89HDF\r\n\x1a\n";

// The reader of a file from its first bytes; null if it begins as HDF5 files do.  Anything else is an error.
TESSERA_INLINE const DatasetReader* sniff_file(const std::string& path) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) {
    if (const auto meant = nearest_name(path, builtin_datasets()); !meant.empty())
      throw Error(printable(path) + ": there is no such file; check the path, or write builtin:" + meant);
    std::vector<std::string> names;
    for (const auto& reader : dataset_readers()) names.push_back(reader.name);
    const auto colon = path.find(':');
    if (const auto meant = colon == std::string::npos ? "" : nearest_name(path.substr(0, colon), names); !meant.empty())
      throw Error(printable(path) + ": there is no such file; check the path, or write " + meant + path.substr(colon));
  }
  if (std::filesystem::is_directory(status))
    throw Error(printable(path) + ": is a folder; give one HDF5 file (Minari's folders are not read yet)");
  const auto by_head = [](const DatasetReader& reader) { return reader.sniff != nullptr; };
  const auto added = added_readers(" and those of ", by_head);
  const RegularFile file(path, added.empty() ? "an HDF5 file" : "a data file");
  std::array<char, 4096> bytes{};
  const std::string_view head(bytes.data(), file.read(0, bytes.data(), bytes.size()));
  const DatasetReader* found = nullptr;
  for (const auto& reader : dataset_readers()) {
    if (!by_head(reader) || !reader.sniff(head)) continue;
    if (found != nullptr) several_readers(path, *found, reader);
    found = &reader;
  }
  if (found == nullptr && !head.starts_with(hdf5_signature))
    throw Error(file.path() + ": is not an HDF5 file, whatever its name says; D4RL and d3rlpy 1 files" + added +
                " are read");
  return found;
}

TESSERA_INLINE Dataset load_hdf5(const std::string& path, const ReadLimits& limits) {
  const auto file = hdf5::File::open(path, limits);
  // The built-in readers last, because they also accept files that lack a field.
  const DatasetReader* found = nullptr;
  for (std::size_t i = our_readers; i < dataset_readers().size(); ++i) {
    const auto& reader = dataset_readers()[i];
    if (reader.sniff_hdf5 == nullptr || !reader.sniff_hdf5(file)) continue;
    if (found != nullptr) several_readers(path, *found, reader);
    found = &reader;
  }
  for (std::size_t i = 0; i < our_readers && found == nullptr; ++i)
    if (const auto& reader = dataset_readers()[i]; reader.sniff_hdf5 != nullptr && reader.sniff_hdf5(file))
      found = &reader;
  if (found != nullptr) return found->read_hdf5(file);

  std::string keys_found;
  constexpr std::size_t max = 12;
  const auto count = file.count_keys();
  auto keys = file.keys("/", count > 1000 ? max : 1000);  // the first in order, or any if too many to sort
  keys.resize(std::min(keys.size(), max));
  for (const auto& key : keys) keys_found += (keys_found.empty() ? "" : ", ") + printable_name(key);
  if (count > max) keys_found += ", ... (" + std::to_string(count) + " in all)";
  throw Error(
      printable(path) + ": is HDF5 of an unknown layout" + (file.exists("episode_0") ? " (Minari's?)" : "") +
      ", with the keys [" + keys_found +
      "]; expected are observations, actions, rewards, terminals and "
      "timeouts (D4RL) or episode_terminals (d3rlpy 1)" +
      added_readers(", or what is read by ", [](const DatasetReader& reader) { return reader.sniff_hdf5 != nullptr; }));
}
}  // namespace detail

TESSERA_INLINE void require_hdf5(const std::string& path) {
  if (const auto* reader = detail::sniff_file(path))
    throw Error(printable(path) + ": is not an HDF5 file, but one of '" + reader->name + "'");
}

TESSERA_INLINE void require_dataset(const std::string& source) {
  require_distinct_readers();
  const auto [reader, request] = find_reader(source);
  if (reader == nullptr) {
    if (source.empty()) throw Error("no data set is named; give a path or builtin:NAME");
    detail::sniff_file(source);
  } else if (reader->name == detail::BuiltinData::name) {
    const auto name = detail::path_of_request(request);
    const auto known = builtin_datasets();
    if (std::find(known.begin(), known.end(), name) == known.end()) builtin_dataset(name);  // says it
  } else if (reader->of_file()) {
    // Its reader rejects it, in the same words.
    std::error_code code;
    const auto path = detail::path_of_request(request);
    if (!std::filesystem::exists(path, code)) {
      if (reader->read != nullptr) reader->read(request, {});
      else detail::sniff_file(path);
      throw Error(printable(path) + ": there is no such file; check the path");
    }
  }
}

TESSERA_INLINE Dataset load_dataset(const std::string& source, const ReadLimits& limits) {
  require_distinct_readers();
  if (source.empty()) throw Error("no data set is named; give a path or builtin:NAME");
  const auto [named, request] = find_reader(source);
  if (named != nullptr && named->read != nullptr) return named->read(request, limits);
  if (named != nullptr) {
    require_hdf5(request);
    return named->read_hdf5(hdf5::File::open(request, limits));
  }
  const auto* found = detail::sniff_file(source);
  return found != nullptr ? found->read(source, limits) : detail::load_hdf5(source, limits);
}
}  // namespace tessera
