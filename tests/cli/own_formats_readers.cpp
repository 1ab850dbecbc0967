// Three readers of the same log, in a file that knows nothing of the command line: of text, of a layout of HDF5, and of
// no file.
#include <fstream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/from_arrays.hpp>
#include <tessera/sources/load.hpp>

namespace {
// Rows of (cell, action, reward, end).
tessera::Dataset log_of(const std::string& name, const std::vector<float>& rows) {
  std::vector<float> cells, rewards;
  std::vector<std::int64_t> actions;
  std::vector<std::uint8_t> ends;
  for (std::size_t i = 0; i + 3 < rows.size(); i += 4) {
    cells.push_back(rows[i]), actions.push_back(std::int64_t(rows[i + 1]));
    rewards.push_back(rows[i + 2]), ends.push_back(rows[i + 3] != 0);
  }
  return tessera::dataset_from_arrays({.name = name,
                                       .observation_size = 1,
                                       .action_size = 2,
                                       .observations = cells,
                                       .action_indices = actions,
                                       .rewards = rewards,
                                       .terminals = ends});
}

struct Lines {
  static constexpr const char* name = "lines";
  static bool sniff(std::string_view head) { return head.starts_with("corridor log\n"); }
  static tessera::Dataset read(const std::string& path, const tessera::ReadLimits&) {
    std::ifstream in(path);
    std::string title;
    std::getline(in, title);
    std::vector<float> rows;
    for (float x = 0; in >> x;) rows.push_back(x);
    if (rows.empty() || rows.size() % 4 != 0) throw tessera::Error(path + ": its rows have no four numbers each");
    return log_of(path, rows);
  }
};

struct Layout {
  static constexpr const char* name = "layout";
  static bool sniff(const tessera::hdf5::File& file) { return file.exists("corridor"); }
  static tessera::Dataset read(const tessera::hdf5::File& file) {
    return log_of(file.path(), file.read<float>("corridor"));
  }
};

// The log of one who always goes up, from every cell in turn: "made:EPISODES".
struct Made {
  static constexpr const char *name = "made", *request = "EPISODES";
  static tessera::Dataset read(const std::string& episodes, const tessera::ReadLimits&) {
    std::vector<float> rows;
    for (int episode = 0; episode < std::stoi(episodes); ++episode)
      for (int cell = episode % 4; cell < 4; ++cell)
        rows.insert(rows.end(), {float(cell), 1.0f, -1.0f, cell == 3 ? 1.0f : 0.0f});
    return log_of("made:" + episodes, rows);
  }
};

const tessera::Reader<Lines> lines;
const tessera::Reader<Layout> layout;
const tessera::Reader<Made> made;
}  // namespace
