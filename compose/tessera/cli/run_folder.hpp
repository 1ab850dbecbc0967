#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/folder.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/io/scalar_events.hpp>

namespace tessera::cli {
/// One row of metrics.csv.
struct Row {
  std::int64_t updates;
  double seconds;
  std::vector<std::pair<std::string, double>> metrics;
  std::optional<double> return_mean{}, return_std{};

  /// Sets a metric, which replaces one of that name.
  void set(const std::string& name, double x);
  std::optional<double> metric(const std::string& name) const;
};
/// The columns of an estimate of the policy by logged data, and the ends of its interval.
inline constexpr const char *estimate_column = "ope/fqe", *estimate_low_column = "ope/fqe_low",
                            *estimate_high_column = "ope/fqe_high";

/// The folder of a run, held while the run is working: config.json, metrics.csv, checkpoint.safetensors.  Every file is
/// written under a temporary name and renamed, so that whatever ends the run leaves complete files; a new run puts
/// nothing in place before its first checkpoint.
class RunFolder {
 public:
  /// Throws an Error if a new run cannot go there, as far as that is visible without changing anything.
  static void require_free(const std::string& path, bool overwrite);
  /// A folder for a new run; if it holds a run with a checkpoint, that is an Error unless `overwrite`, and the old run
  /// is unchanged until the first `save`.
  static RunFolder create(const std::string& path, bool overwrite);
  /// The same for the first of PATH, PATH-2, PATH-3, ... that is empty and not in use.
  static RunFolder create_fresh(const std::string& path);
  /// The folder of an earlier run, to resume it.
  static RunFolder resume(const std::string& path);

  /// Looks at a run without holding it: its checkpoint file, and the contents of its config.json.  Throws an Error if
  /// there is no run.  In place of a run's folder a checkpoint that it keeps may be named: DIR/best.safetensors, or
  /// DIR/checkpoint-1000.safetensors.
  static std::string checkpoint_of(const std::string& path);
  static RunConfig config_of(const std::string& path);
  /// The rows of its metrics.csv up to the given update.
  static std::vector<Row> rows_of(const std::string& path,
                                  std::int64_t up_to = std::numeric_limits<std::int64_t>::max());

  const std::string& path() const { return folder_.path(); }
  std::string checkpoint() const { return folder_.file(checkpoint_name); }
  /// What was collected online.
  std::string online() const { return online_of(path()); }
  static std::string online_of(const std::string& run) { return run + "/online.bin"; }
  /// What the estimates of the policy go on from.
  std::string following() const { return folder_.file(following_name); }
  static std::string following_of(const std::string& run);
  /// Checkpoints that stay.
  std::string best() const { return folder_.file(best_name); }
  std::string kept(std::int64_t updates) const;
  /// The folder of a run that is named by a checkpoint that it keeps; nothing where a name is not such a file's.
  static std::optional<std::string> run_that_keeps(const std::string& path);
  /// Whether it has a checkpoint of the run that is at work, and not only one of the run that this is to replace.
  bool saved() const { return !fresh_; }

  void write_config(const RunConfig& config) const;
  /// From now on the rows are written as event files of TensorBoard as well, of a run that goes on from this update.
  void write_events_from(std::int64_t update);
  void add(Row row) { rows_.push_back(std::move(row)); }
  std::vector<Row>& rows() { return rows_; }
  /// Reads the metrics.csv of a run, this or an earlier one, up to the given update: what a run goes on from.
  void read_metrics(const std::string& run, std::int64_t up_to) { rows_ = rows_of(run, up_to); }
  /// The rows first, then the checkpoint, which `write_checkpoint(path)` writes: rows beyond a checkpoint come again,
  /// rows before it would be lost.  Where that throws, the checkpoint and, of a run that has none yet, the whole folder
  /// are as they were.
  /// `write_following`, if it is not empty, writes what the estimates go on from; it comes before the checkpoint.
  void save(const RunConfig& config, const std::function<void(const std::string&)>& write_checkpoint,
            const std::function<void(const std::string&)>& write_following = {});
  /// Writes the rows of a run that ends without another checkpoint.  Does nothing if another run's files are in place.
  void save_history(const RunConfig& config);
  /// Draws return against updates, with the behavior policy's return as a line, and one where the online phase began,
  /// and scores on the right, if there are any; and the estimates by logged data with their intervals, beside the
  /// data's own discounted return, in a picture below; false, and one line of warning, where it could not be drawn.
  bool draw_curve(const std::string& title, double behavior, std::int64_t online_from = 0,
                  const std::optional<RunScore>& score = {}, std::optional<double> estimate_of_data = {}) const;

 private:
  static constexpr const char *checkpoint_name = "checkpoint.safetensors", *best_name = "best.safetensors",
                              *following_name = "ope.safetensors";
  explicit RunFolder(HeldFolder folder, bool fresh) : folder_(std::move(folder)), fresh_(fresh) {}
  std::string metrics_text() const;
  void write_rows();
  void write_events();

  HeldFolder folder_;
  bool fresh_;
  std::vector<Row> rows_;
  std::optional<std::int64_t> events_from_;
  std::optional<ScalarLog> events_;
};

/// Pieces of the script of a picture of returns: an axis of scores on the right, if there is a reference, where the
/// returns shown are from `low` to `high`; a line at the update at which the online phase began, if that is above 0.
std::string score_axis(const std::optional<RunScore>& score, double low, double high);
std::string online_mark(std::int64_t online_from);
/// The axis of updates in a picture of one evaluation: it stands in the middle, and alone has a number.
std::string only_at(std::int64_t updates);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/run_folder.hpp>
#endif
