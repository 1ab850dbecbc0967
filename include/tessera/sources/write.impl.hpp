#pragma once
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include <tessera/io/store.hpp>
#include <tessera/io/write_csv.hpp>
#include <tessera/io/write_d3rlpy.hpp>
#include <tessera/io/write_d4rl.hpp>
#include <tessera/io/write_minari.hpp>
#include <tessera/io/write_ogbench.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/write.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/plain_path.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
namespace detail {
struct D4rlFile {
  static constexpr const char *name = "d4rl", *endings = ".hdf5";
  static Losses write(const std::string& path, const Dataset& data) { return write_d4rl(path, data); }
};
struct D3rlpyFile {
  static constexpr const char *name = "d3rlpy", *endings = ".h5";
  static Losses write(const std::string& path, const Dataset& data) { return write_d3rlpy(path, data); }
};
struct OgbenchFile {
  static constexpr const char *name = "ogbench", *endings = ".npz";
  static Losses write(const std::string& path, const Dataset& data) { return write_ogbench(path, data); }
};
struct CsvFile {
  static constexpr const char *name = "csv", *endings = ".csv";
  static Losses write(const std::string& path, const Dataset& data) { return write_csv(path, data); }
};
struct MinariFolder {
  static constexpr const char *name = "minari", *endings = "/";
  static constexpr bool is_folder = true;
  static Losses write(const std::string& path, const Dataset& data) { return write_minari(path, data); }
  static bool is_one(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code code;
    const auto all = [&](const std::string& folder, auto&& good) {
      for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
        if (!good(at->path().filename().string())) return false;
      return !code;
    };
    return fs::exists(path + "/data/metadata.json", code) &&
           all(path, [](const std::string& entry) { return entry == "data"; }) &&
           all(path + "/data",
               [](const std::string& entry) { return entry == "metadata.json" || entry == "main_data.hdf5"; });
  }
};
struct StoreFolder {
  static constexpr const char *name = "store", *endings = ".store,.store/";
  static constexpr bool is_folder = true;
  static void write(const std::string& path, const Dataset& data) { write_store(path, data); }
  static bool is_one(const std::string& path) { return is_only_store(path); }
};

TESSERA_INLINE std::vector<std::string> endings_of(const DatasetWriter& writer) {
  if (writer.endings.empty()) return {};
  return split_at(writer.endings, ',');
}
TESSERA_INLINE std::string writers_text() {
  std::string out;
  for (const auto& writer : dataset_writers()) {
    out += (out.empty() ? "" : ", ") + writer.name;
    for (const auto& ending : endings_of(writer))
      if (ending == "/" || !ending.ends_with('/')) out += " (" + (ending == "/" ? "a folder" : ending) + ")";
  }
  return out;
}
}  // namespace detail

TESSERA_INLINE std::vector<DatasetWriter>& dataset_writers() {
  static std::vector<DatasetWriter> all = {
      detail::writer_of<detail::D4rlFile>(),    detail::writer_of<detail::MinariFolder>(),
      detail::writer_of<detail::OgbenchFile>(), detail::writer_of<detail::D3rlpyFile>(),
      detail::writer_of<detail::CsvFile>(),     detail::writer_of<detail::StoreFolder>()};
  return all;
}

TESSERA_INLINE void require_distinct_writers() {
  const auto& all = dataset_writers();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].name == all[j].name)
        throw Error("this program registers two writers called '" + all[i].name +
                    "'; give one of them another name, or leave it out");
}

TESSERA_INLINE const DatasetWriter& find_writer(const std::string& path, const WriteOptions& o) {
  const auto& all = dataset_writers();
  if (!o.to.empty()) {
    std::vector<std::string> names;
    for (const auto& writer : all) {
      if (writer.name == o.to) return writer;
      names.push_back(writer.name);
    }
    const auto near = nearest_name(o.to, names);
    throw Error("no data are written as '" + printable_name(o.to) + "'" +
                (near.empty() ? "" : "; did you mean '" + near + "'?") + "; there are " + detail::writers_text());
  }
  // The longest ending, so that one format's may end in another's.
  const DatasetWriter* found = nullptr;
  std::size_t longest = 0;
  for (const auto& writer : all)
    for (const auto& ending : detail::endings_of(writer))
      if (ending.size() > longest && path.size() > ending.size() && path.ends_with(ending))
        found = &writer, longest = ending.size();
  if (found == nullptr)
    throw Error(printable(path) + ": its ending does not say which format it is to have; there are " +
                detail::writers_text() + ", or name one with --to");
  return *found;
}

TESSERA_INLINE void require_writable(const std::string& path, const WriteOptions& o) {
  namespace fs = std::filesystem;
  require_distinct_writers();
  const auto& writer = find_writer(path, o);
  const auto plain = plain_path(path);
  if (plain.size() != path.size() && writer.is_one == nullptr)
    throw Error(printable(path) + ": names a folder, and " + writer.name + " is written as a file; give its name");
  std::error_code code;
  const auto there = fs::symlink_status(plain, code);
  const auto where = printable(plain);
  if (const auto folder = fs::path(plain).parent_path(); !folder.empty() && !fs::is_directory(folder, code))
    throw Error(where + ": the folder '" + printable(folder.string()) + "' does not exist; create it first");
  if (!fs::exists(there)) return;
  if (!o.overwrite) throw Error(where + ": is there already; give another name, or --overwrite");
  const bool folder = fs::is_directory(fs::status(plain, code));
  if (folder && writer.is_one == nullptr)
    throw Error(where + ": is a folder, and " + writer.name + " is written as a file; give another name");
  if (!folder && writer.is_one != nullptr)
    throw Error(where + ": is a file, and " + writer.name + " is written as a folder; give another name");
  if (folder && !fs::is_empty(plain, code) && !writer.is_one(plain))
    throw Error(where + ": holds other things than a data set of " + writer.name +
                ", and is not replaced; give another name, or remove it yourself");
}

TESSERA_INLINE Losses write_dataset(const std::string& path, const Dataset& data, const WriteOptions& o) {
  require_writable(path, o);
  return find_writer(path, o).write(path, data);
}

TESSERA_INLINE Dataset stream_to_store(const std::string& path, const std::string& source, const ReadLimits& limits,
                                       const WriteOptions& o) {
  require_writable(path, o);
  return write_store_of_pieces(path, [&](const std::function<void(const Dataset&)>& hand_over) {
    auto pieces = limits;
    pieces.hand_over = hand_over;
    return load_dataset(source, pieces);
  });
}
}  // namespace tessera
