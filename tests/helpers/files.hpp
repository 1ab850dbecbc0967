#pragma once
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/hdf5.hpp>

/// What the tests of the data layer share.
namespace support {
/// A folder that goes away with everything in it.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("tessera-test-" + std::to_string(std::random_device{}()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator{}));
  }

 private:
  std::filesystem::path path_;
};

/// The text of the `Error` that `fn` throws; any other exception goes on.
template <class Fn>
std::string error_of(Fn&& fn) {
  try {
    std::forward<Fn>(fn)();
  } catch (const tessera::Error& error) {
    return error.what();
  }
  return "(no error)";
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}
inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// A shared data file, or "" after a message where the folder is not there.
inline std::string shared_file(const std::string& name) {
  std::string root;
#if defined(TESSERA_SHARED_DATA)
  root = TESSERA_SHARED_DATA;
#elif defined(TESSERA_SOURCE_DIR)
  root = TESSERA_SOURCE_DIR "/../shared/data";
#endif
  if (const char* given = std::getenv("TESSERA_SHARED_DATA")) root = given;
  const std::string path = root + "/" + name;
  if (!root.empty() && std::filesystem::exists(path)) return path;
  WARN("skipped: " << name << " is not there; set TESSERA_SHARED_DATA to the folder of the shared data");
  return "";
}

/// Fields of a small flat file, and the writing of it; an absent field is an empty vector.
/// Observations have 2 columns: row i is (i, -i).
struct FlatFile {
  explicit FlatFile(std::int64_t rows) : count(rows) {
    for (std::int64_t i = 0; i < rows; ++i) {
      observations.insert(observations.end(), {static_cast<float>(i), static_cast<float>(-i)});
      actions.push_back(static_cast<float>(i) / 10);
      rewards.push_back(static_cast<float>(i + 1));
      terminals.push_back(0);
      timeouts.push_back(0);
    }
  }
  /// Gives every row its true next observation: the following row, or (100 + i, 0.5) at an end mark.
  void add_next() {
    for (std::int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const bool end = i + 1 == count || terminals[at] != 0 || (!timeouts.empty() && timeouts[at] != 0);
      next_observations.push_back(static_cast<float>(end ? 100 + i : i + 1));
      next_observations.push_back(end ? 0.5f : static_cast<float>(-i - 1));
    }
  }
  /// `ends` names the third flag field: "timeouts" (D4RL) or "episode_terminals" (d3rlpy).
  void write(const std::string& path, const std::string& ends = "timeouts") const {
    auto file = tessera::hdf5::File::create(path);
    const auto rows = [](const auto& values, std::int64_t width) {
      return static_cast<std::int64_t>(values.size()) / width;
    };
    file.write("observations", observations, {rows(observations, 2), 2});
    if (!next_observations.empty()) file.write("next_observations", next_observations, {rows(next_observations, 2), 2});
    if (!actions.empty() || (count == 0 && indices.empty())) file.write("actions", actions, {rows(actions, 1), 1});
    if (!indices.empty()) file.write("actions", indices);
    const auto column = [&](const std::string& key, const std::vector<float>& values) {
      if (as_columns) file.write(key, values, {rows(values, 1), 1});
      else file.write(key, values);
    };
    if (!rewards.empty() || count == 0) column("rewards", rewards);
    if (!terminals.empty() || count == 0) column("terminals", terminals);
    if (!timeouts.empty()) column(ends, timeouts);
    file.close();
  }

  std::int64_t count;
  bool as_columns = false;
  std::vector<float> observations, next_observations, actions, rewards, terminals, timeouts;
  std::vector<std::int64_t> indices;
};
}  // namespace support
