#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent.hpp"

namespace tessera::cli {
/// One line of metrics.csv.
struct Row {
  std::int64_t updates;
  double seconds;
  std::vector<std::pair<std::string, double>> metrics;
  std::optional<double> return_mean{}, return_std{};
};

/// The folder of a run.  Every file is written beside and renamed, so that an interrupted run leaves whole files.
class RunFolder {
 public:
  /// Throws Error where a new run cannot go.
  static void require_free(const std::string& path, bool overwrite);
  /// A new folder; an existing run is an Error unless `overwrite`.
  static RunFolder create(const std::string& path, bool overwrite);
  /// The folder of an earlier run.
  static RunFolder open(const std::string& path);

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string checkpoint() const { return file("checkpoint.h5"); }
  const std::string& path() const { return path_; }

  void write_config(const json& config) const;
  json read_config() const;
  void add(Row row) { rows_.push_back(std::move(row)); }
  std::vector<Row>& rows() { return rows_; }
  /// Reads metrics.csv up to the given update: what a resumed run goes on from.
  void read_metrics(std::int64_t up_to);
  void write_metrics() const;
  /// Draws return against updates, with the behaviour policy's return as a line; false, and one line of warning, where it could not be drawn.
  bool draw_curve(const std::string& title, double behaviour) const;

 private:
  explicit RunFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
  std::vector<Row> rows_;
};
}  // namespace tessera::cli
