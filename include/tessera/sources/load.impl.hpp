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

#include <tessera/dataset/declared.hpp>
#include <tessera/io/d3rlpy.hpp>
#include <tessera/io/d4rl.hpp>
#include <tessera/io/npz.hpp>
#include <tessera/io/ogbench.hpp>
#include <tessera/io/open_store.hpp>
#include <tessera/io/regular_file.hpp>
#include <tessera/io/robomimic.hpp>
#include <tessera/io/store.hpp>
#include <tessera/io/trajectories_npz.hpp>
#include <tessera/io/unpacked_text.hpp>
#include <tessera/sources/data_folders.hpp>
#include <tessera/sources/icu_sepsis.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/log_tables.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
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
// An option that is a whole number; 0 if it is not given.
TESSERA_INLINE std::int64_t whole_option(DataRequest& request, const std::string& name, std::int64_t low,
                                         std::int64_t high) {
  const auto text = request.take(name);
  if (!text) return 0;
  std::int64_t value = 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || value < low || value > high)
    throw Error(printable(request.path()) + ": " + name + "=" + printable_name(*text) +
                ": is not a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return value;
}
struct D3rlpyLayout {
  static constexpr const char* name = "d3rlpy";
  static constexpr bool in_pieces = true;
  static bool sniff(const hdf5::File& file) {
    constexpr const char* keys[] = {"episode_terminals", "discrete_action", "columns", "num_episodes",
                                    "observations_0"};
    return std::any_of(std::begin(keys), std::end(keys), [&](const char* key) { return file.exists(key); });
  }
  static Dataset read(const hdf5::File& file) { return read_d3rlpy(file); }
};
struct D4rlLayout {
  static constexpr const char* name = "d4rl";
  static constexpr bool in_pieces = true;
  // A file that lacks one field is more likely of this layout than of another: let the reader name the field.
  static bool sniff(const hdf5::File& file) {
    int present = 0;
    for (const char* key : {"observations", "actions", "rewards", "terminals"}) present += file.exists(key);
    return present >= 3;
  }
  static Dataset read(const hdf5::File& file, DataRequest& request) {
    return read_d4rl(file, {.horizon = whole_option(request, "horizon", 1, 1'000'000'000)});
  }
};
struct RobomimicLayout {
  static constexpr const char* name = "robomimic";
  static constexpr bool in_pieces = true;
  static bool sniff(const hdf5::File& file) { return is_robomimic(file); }
  static Dataset read(const hdf5::File& file, DataRequest& request) {
    RobomimicOptions options;
    options.mask = request.take("mask").value_or("");
    options.observation = split_at(request.take("observation").value_or(""), ':');
    std::erase(options.observation, "");
    request.require_all_taken({"mask", "observation"});
    return read_robomimic(file, options);
  }
};
struct OgbenchFormat {
  static constexpr const char* name = "ogbench";
  static constexpr bool in_pieces = true;
  static bool sniff(const NpzFile& file) { return is_ogbench(file); }
  static bool sniff_folder(const std::string& path) { return is_ogbench_folder(path); }
  static OgbenchOptions options(DataRequest& request) {
    OgbenchOptions out{.task = whole_option(request, "task", 1, 5),
                       .environment = request.take("environment").value_or("")};
    request.require_all_taken({"task", "environment"});
    return out;
  }
  static Dataset read(const NpzFile& file, DataRequest& request) { return read_ogbench(file, options(request)); }
  static Dataset read(const std::string& text, const ReadLimits& limits) {
    DataRequest request(text);
    std::error_code code;
    if (std::filesystem::is_directory(request.path(), code))
      return read_ogbench_folder(request.path(), options(request), limits);
    return read(NpzFile(request.path(), limits), request);
  }
};
struct ImitationNpzLayout {
  static constexpr const char* name = "imitation-npz";
  static constexpr bool in_pieces = true;
  static bool sniff(const NpzFile& file) { return is_imitation_npz(file); }
  static Dataset read(const NpzFile& file) { return read_imitation_npz(file); }
};
struct Sb2Layout {
  static constexpr const char* name = "sb2";
  static constexpr bool in_pieces = true;
  static bool sniff(const NpzFile& file) { return is_sb2_npz(file); }
  static Dataset read(const NpzFile& file, DataRequest& request) {
    const auto ends = request.take("ends");
    if (ends && *ends != "terminated" && *ends != "truncated")
      throw Error(printable(request.path()) + ": ends=" + printable_name(*ends) +
                  ": episodes end terminated or truncated");
    return read_sb2_npz(file, !ends                  ? sb2_ends::unknown
                              : *ends == "truncated" ? sb2_ends::truncated
                                                     : sb2_ends::terminated);
  }
};
inline constexpr std::size_t our_readers = 15;
}  // namespace detail

TESSERA_INLINE std::vector<DatasetReader>& dataset_readers() {
  static std::vector<DatasetReader> all = {
      detail::reader_of<detail::BuiltinData>(),        detail::reader_of<detail::IcuSepsisData>(),
      detail::reader_of<detail::D3rlpyLayout>(),       detail::reader_of<detail::MinariFormat>(),
      detail::reader_of<detail::LeRobotFormat>(),      detail::reader_of<detail::ImitationFolderFormat>(),
      detail::reader_of<detail::Hdf5Table>(),          detail::reader_of<detail::D4rlLayout>(),
      detail::reader_of<detail::ArrowTableData>(),     detail::reader_of<detail::CsvData>(),
      detail::reader_of<detail::RobomimicLayout>(),    detail::reader_of<detail::OgbenchFormat>(),
      detail::reader_of<detail::ImitationNpzLayout>(), detail::reader_of<detail::Sb2Layout>(),
      detail::reader_of<detail::StoreFormat>()};
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
// The readers of a kind, from one of the table on: "BEFORE'a', 'b'"; empty where there are none.
TESSERA_INLINE std::string named_readers(std::size_t first, const char* before, bool (*of_kind)(const DatasetReader&)) {
  std::string all;
  for (std::size_t i = first; i < dataset_readers().size(); ++i)
    if (const auto& reader = dataset_readers()[i]; of_kind(reader))
      all += (all.empty() ? before : ", ") + ("'" + reader.name + "'");
  return all;
}
// Those that a program added: " and those of 'mine'".
TESSERA_INLINE std::string added_readers(const char* before, bool (*of_kind)(const DatasetReader&)) {
  return named_readers(our_readers, before, of_kind);
}
[[noreturn]] TESSERA_INLINE void several_readers(const std::string& path, const DatasetReader& one,
                                                 const DatasetReader& other) {
  throw Error(printable(path) + ": is recognized by two readers; write " + one.name + ":PATH or " + other.name +
              ":PATH");
}

inline constexpr std::string_view hdf5_signature = "\x89HDF\r\n\x1a\n", zip_signature = "PK\x03\x04";

// What holds a data set, from the first bytes of a file or from what a folder holds.
struct Container {
  enum Kind { of_reader, hdf5, npz } kind = of_reader;
  const DatasetReader* reader = nullptr;
};
template <class Recognizes>
const DatasetReader* only_reader(const std::string& path, Recognizes recognizes) {
  const DatasetReader* found = nullptr;
  for (const auto& reader : dataset_readers()) {
    if (!recognizes(reader)) continue;
    if (found != nullptr) several_readers(path, *found, reader);
    found = &reader;
  }
  return found;
}
TESSERA_INLINE Container sniff_folder(const std::string& path) {
  const auto* found = only_reader(
      path, [&](const DatasetReader& reader) { return reader.sniff_folder != nullptr && reader.sniff_folder(path); });
  if (found != nullptr) return {Container::of_reader, found};
  const auto known = named_readers(0, "", [](const DatasetReader& reader) { return reader.sniff_folder != nullptr; });
  throw Error(
      printable(path) + ": is a folder" +
      (known.empty() ? "; give one data file" : " of no known format; give one data file, or a folder of " + known));
}
// Which container a path is; anything else is an error.
TESSERA_INLINE Container sniff_path(const std::string& path) {
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
  if (std::filesystem::is_directory(status)) return sniff_folder(path);
  const auto by_head = [](const DatasetReader& reader) { return reader.sniff != nullptr; };
  const RegularFile file(path, "a data file");
  std::array<char, 4096> bytes{};
  const std::string_view head(bytes.data(), file.read(0, bytes.data(), bytes.size()));
  // The program's own readers first: a table is whatever has commas in it.
  const auto added = [](const DatasetReader& reader) {
    return std::size_t(&reader - dataset_readers().data()) >= our_readers;
  };
  const auto recognized = [&](bool own) {
    return only_reader(path, [&](const DatasetReader& reader) {
      return added(reader) == own && by_head(reader) && reader.sniff(head);
    });
  };
  const auto* found = recognized(true);
  if (found == nullptr) found = recognized(false);
  if (found != nullptr) return {Container::of_reader, found};
  if (head.starts_with(hdf5_signature)) return {Container::hdf5, nullptr};
  if (head.starts_with(zip_signature)) return {Container::npz, nullptr};
  if (const auto ending = std::filesystem::path(path).extension(); ending == ".csv" || ending == ".tsv")
    throw Error(file.path() +
                ": is not a text table of at least two columns with commas, semicolons or tabs between them, whatever "
                "its name says");
  if (is_gzip(head))
    throw Error(file.path() +
                ": is compressed with gzip, and what is in it is not a text table; unpack it with gunzip");
  throw Error(file.path() + ": is not an HDF5 file, whatever its name says; D4RL and d3rlpy 1 files" +
              added_readers(" and those of ", by_head) + " are read");
}

TESSERA_INLINE ReadLimits limits_of(const DatasetReader& reader, const ReadLimits& limits) {
  return reader.in_pieces ? limits : limits.whole("a data set of '" + reader.name + "'");
}

// "a, b, c, ... (22 in all)"
TESSERA_INLINE std::string some_keys(const std::vector<std::string>& keys, std::size_t count) {
  std::string out;
  constexpr std::size_t max = 12;
  for (std::size_t i = 0; i < std::min(keys.size(), max); ++i) out += (i == 0 ? "" : ", ") + printable_name(keys[i]);
  return count > max ? out + ", ... (" + std::to_string(count) + " in all)" : out;
}
// The file for a reader: with limits of its own where that hands nothing over.
TESSERA_INLINE NpzFile npz_for(const DatasetReader& reader, const std::string& path, const NpzFile& file,
                               const ReadLimits& limits) {
  return reader.in_pieces || !limits.hand_over ? file : NpzFile(path, limits_of(reader, limits));
}
TESSERA_INLINE Dataset load_npz(DataRequest& request, const ReadLimits& limits) {
  const auto& path = request.path();
  const NpzFile file(path, limits);
  if (request.has("columns")) return NpzTable::read(file, request);
  const auto* found = only_reader(
      path, [&](const DatasetReader& reader) { return reader.sniff_npz != nullptr && reader.sniff_npz(file); });
  if (found != nullptr) return found->read_npz(npz_for(*found, path, file, limits), request);
  if (NpzTable::sniff(file)) return NpzTable::read(file, request);
  const auto keys = file.keys();
  const std::string likely = keys.size() < 1000 ? NpzTable::likely(file) : "";
  const auto known = named_readers(0, "", [](const DatasetReader& reader) { return reader.sniff_npz != nullptr; });
  throw Error(printable(path) + ": is a .npz file of an unknown layout, with the arrays [" +
              some_keys(keys, keys.size()) + "]; " +
              (known.empty() ? "none is read yet" : "there are readers for " + known) +
              (likely.empty() ? "" : "; or say which arrays are what, as in --columns '" + likely + "'"));
}

TESSERA_INLINE Dataset load_hdf5(DataRequest& request, const ReadLimits& limits) {
  const auto& path = request.path();
  const auto file = hdf5::File::open(path, limits);
  // What hands nothing over has limits of its own.
  const auto whole = [&](const std::string& what) { return hdf5::File::open(path, limits.whole(what)); };
  if (request.has("columns")) return Hdf5Table::read(file, request);
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
  if (found != nullptr && found->read_hdf5 == nullptr) {  // a reader of paths, which takes the options itself
    const auto text = request.text();
    request = DataRequest(request.path(), {});
    return found->read(text, limits_of(*found, limits));
  }
  if (found != nullptr && found->in_pieces) return found->read_hdf5(file, request);
  if (found != nullptr) return found->read_hdf5(whole("a file of '" + found->name + "'"), request);

  const auto count = file.count_keys();
  const std::string likely = count < 1000 ? Hdf5Table::likely(file) : "";
  const auto keys = file.keys("/", count > 1000 ? 12 : 1000);  // the first in order, or any if too many to sort
  throw Error(
      printable(path) + ": is HDF5 of an unknown layout, with the keys [" + some_keys(keys, count) +
      "]; expected are observations, actions, rewards, terminals and "
      "timeouts (D4RL) or episode_terminals (d3rlpy 1)" +
      added_readers(", or what is read by ", [](const DatasetReader& reader) { return reader.sniff_hdf5 != nullptr; }) +
      (likely.empty() ? "" : "; or say which keys are what, as in --columns '" + likely + "'"));
}
}  // namespace detail

TESSERA_INLINE void require_hdf5(const std::string& path) {
  const auto is = detail::sniff_path(path);
  if (is.reader != nullptr)
    throw Error(printable(path) + ": is not an HDF5 file, but one of '" + is.reader->name + "'");
  if (is.kind != detail::Container::hdf5) throw Error(printable(path) + ": is not an HDF5 file, but a zip file");
}

TESSERA_INLINE void require_dataset(const std::string& source) {
  require_distinct_readers();
  const auto [reader, request] = find_reader(source);
  if (reader == nullptr) {
    if (source.empty()) throw Error("no data set is named; give a path or builtin:NAME");
    detail::sniff_path(DataRequest(source).path());
  } else if (reader->name == detail::BuiltinData::name) {
    const auto name = request.substr(0, request.find('?'));
    const auto known = builtin_datasets();
    if (std::find(known.begin(), known.end(), name) == known.end()) builtin_dataset(name);  // says it
  } else if (reader->of_file()) {
    // Its reader rejects it, in the same words.
    std::error_code code;
    const auto path = DataRequest(request).path();
    if (!std::filesystem::exists(path, code)) {
      if (reader->read != nullptr) reader->read(request, {});
      else detail::sniff_path(path);
      throw Error(printable(path) + ": there is no such file; check the path");
    }
  }
}

TESSERA_INLINE Dataset load_dataset(const std::string& source, const ReadLimits& limits) {
  require_distinct_readers();
  if (source.empty()) throw Error("no data set is named; give a path or builtin:NAME");
  const auto [named, given] = find_reader(source);
  if (named != nullptr && !named->of_file()) return named->read(given, limits);
  // How actions are to be read may be said of every format.
  const DataRequest whole(given);
  std::optional<action_kind> declared;
  auto rest = given;
  if (whole.has("actions")) {
    const auto kind = *DataRequest(whole).take("actions");
    declared = action_kind_of(kind);
    if (!declared)
      throw Error(printable(whole.path()) + ": actions=" + printable_name(kind) +
                  ": there are continuous and discrete");
    rest = whole.without("actions").text();
  }
  DataRequest request(rest);
  const auto allowed = declared ? limits.whole("what --actions says") : limits;
  const auto read = [&]() -> Dataset {
    if (named != nullptr && named->read != nullptr) {
      request = DataRequest(request.path(), {});
      return named->read(rest, detail::limits_of(*named, allowed));
    }
    if (named == nullptr) {
      const auto is = detail::sniff_path(request.path());
      if (is.reader != nullptr) {  // it takes the options itself
        request = DataRequest(request.path(), {});
        return is.reader->read(rest, detail::limits_of(*is.reader, allowed));
      }
      return is.kind == detail::Container::npz ? detail::load_npz(request, allowed)
                                               : detail::load_hdf5(request, allowed);
    }
    if (named->read_npz != nullptr)
      return named->read_npz(NpzFile(request.path(), detail::limits_of(*named, allowed)), request);
    require_hdf5(request.path());
    return named->read_hdf5(hdf5::File::open(request.path(), detail::limits_of(*named, allowed)), request);
  };
  auto data = read();
  request.require_all_taken({});
  if (declared) data = declare_actions(std::move(data), *declared);
  // Under its name the same data are read again.
  if (whole.has_options() && data.name.find('?') == std::string::npos)
    data.name = (named != nullptr ? named->name + ":" : std::string()) + printable(whole.text(), std::size_t{1} << 20);
  return data;
}

TESSERA_INLINE Dataset open_dataset(const std::string& source, const ReadLimits& limits) {
  const auto [named, given] = find_reader(source);
  const DataRequest request(given);
  const bool may_be = named == nullptr || named->name == detail::StoreFormat::name;
  if (may_be && !request.has_options() && is_store(request.path()))
    if (const auto memory = limits.for_request(); bytes_in_memory(request.path()) > memory)
      return open_store(request.path(), memory, limits);
  return load_dataset(source, limits);
}
}  // namespace tessera
