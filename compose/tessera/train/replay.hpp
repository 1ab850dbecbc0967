#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/concepts/columns.hpp>
#include <tessera/concepts/types.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/same_observation.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/units.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// The transitions from which a column is filled: see concepts/columns.hpp.
class LoggedRows {
 public:
  LoggedRows(const float* rows, std::int64_t count, std::int64_t width, std::int64_t n, std::int64_t d,
             const std::vector<std::uint8_t>& follows)
      : rows_(rows), count_(count), width_(width), n_(n), d_(d), follows_(follows) {}
  std::int64_t count() const { return count_; }
  std::int64_t observation_width() const { return n_; }
  std::int64_t action_width() const { return d_; }  ///< 1 for discrete actions
  const float* observation(std::int64_t k) const { return rows_ + k * width_; }
  const float* action(std::int64_t k) const { return observation(k) + n_; }
  float reward(std::int64_t k) const { return observation(k)[n_ + d_]; }
  float not_done(std::int64_t k) const { return observation(k)[n_ + d_ + 1]; }
  const float* next_observation(std::int64_t k) const { return observation(k) + n_ + d_ + 2; }
  bool follows(std::int64_t k) const { return follows_[std::size_t(k)] != 0; }
  bool goes_on(std::int64_t k) const { return follows(k) && not_done(k) != 0; }

 private:
  const float* rows_;
  std::int64_t count_, width_, n_, d_;
  const std::vector<std::uint8_t>& follows_;
};

/// A column in the replay buffer.
struct ReplayColumn {
  const char* name;
  bool is_action;
  std::function<std::int64_t(std::int64_t action_width)> width;
  std::function<void(const LoggedRows&, float*)> fill;
};
template <class... Columns>
std::vector<ReplayColumn> replay_columns(columns<Columns...>) {
  return {ReplayColumn{Columns::name, Columns::is_action, Columns::width,
                       [](const LoggedRows& log, float* out) { Columns::fill(log, out); }}...};
}

/// The replay buffer: the chosen transitions of a data set in a learner's units, on its device.  A row is (s, a, r, m,
/// s'), so that a minibatch is one gather; discrete actions are stored as floats (exact to 2^24) and returned as
/// indices.  On the CPU, where transitions have no columns, a state that is one transition's s' and another's s is
/// stored once, which takes three fifths of the memory; a minibatch has the same numbers.
/// Of a data set whose transitions stay on the disk it reads those of a minibatch when it is drawn, and gives the same
/// numbers, to the bit; of the log's transitions only their columns are in memory.
class Replay {
 public:
  using batch_type = batch<at::Tensor>;

  /// One without a log, to be filled online: observations of n numbers, and actions of d, or indices.
  Replay(std::int64_t observation_size, std::int64_t action_size, bool discrete, const at::Device& device,
         std::vector<ReplayColumn> with = {});
  Replay(const Dataset& data, const std::vector<std::int64_t>& transitions, const nn::Units& units,
         const at::Device& device, std::vector<ReplayColumn> with = {})
      : Replay(data, transitions, units, device, std::move(with), nullptr) {}
  /// The same, of a data set that nobody needs any more: its memory is given back while it is read.
  Replay(Dataset&& data, const std::vector<std::int64_t>& transitions, const nn::Units& units, const at::Device& device,
         std::vector<ReplayColumn> with = {})
      : Replay(data, transitions, units, device, std::move(with), &data) {
    data = {};
  }

  /// Fills in the returns:  G = r + gamma m ((1 - lambda) V(s') + lambda G'),  with G' the return of the next
  /// transition, or V(s') if the log has none.  `next_values` (size()) are V(s'); lambda = 1 is Monte Carlo.
  /// Source: Sutton, Barto 2018, section 12.1.
  void set_returns(double discount, double lambda, const at::Tensor& next_values);
  /// Fills in a column's numbers of the log's transitions `from`, `from` + 1, ...: (k, width of the column).
  void set_column(const char* column, std::int64_t from, const at::Tensor& numbers);

  /// Adds transitions that follow each other, in the learner's units, on its device: (k, 2 n + d + 2) numbers, which
  /// are (s, a, r, m, s').  Where the replay has columns of its own, they are one whole episode, since what a column
  /// holds may be of what comes later.  Of those added at most `capacity` are kept: the oldest make room.
  /// `starts`: whether the first of them starts an episode.
  void append(const at::Tensor& transitions, bool starts, std::int64_t capacity);

  std::int64_t size() const { return apart() + rows_.size(0); }
  /// Transitions of the log, which stand first; and those that were added, as far as they are kept.
  std::int64_t logged() const { return logged_; }
  std::int64_t online() const { return size() - logged_; }
  /// Numbers of a transition: 2 n + d + 2.
  std::int64_t numbers() const { return 2 * n_ + d_ + 2; }
  /// Whether all of them are in memory, that of the device; else those of the log are on the disk.
  bool in_memory() const { return !disk_; }
  /// Whether transitions have columns, and are added an episode at a time.
  bool has_columns() const { return !columns_.empty(); }

  /// The minibatch of an update: uniform with replacement, a function of (seed, update) alone.
  batch<at::Tensor> sample(std::uint64_t seed, std::int64_t update, std::int64_t count) const;
  /// The same with round(ratio * count) from the log, which stand first, and the others from what was added; from one
  /// of them alone, where the other has none.
  batch<at::Tensor> sample_mixed(std::uint64_t seed, std::int64_t update, std::int64_t count, double ratio) const;
  /// The same from the first transitions of episodes; from all, where none of them was chosen.
  batch<at::Tensor> sample_starts(std::uint64_t seed, std::int64_t update, std::int64_t count) const;
  /// The first `logged` rows of the minibatch come from this buffer, the others from the first `filled` rows of another
  /// one with the same layout.
  batch<at::Tensor> sample(std::uint64_t seed, std::int64_t update, std::int64_t count, std::int64_t logged,
                           const at::Tensor& others, std::int64_t filled) const;
  /// The minibatch that `sample` gives, with the `steps` transitions from each on, as far as their episode goes:
  /// column::chunk, chunk_valid, n_step_reward, n_step_next and n_step_bootstrap.  The replay has column::follows.
  batch<at::Tensor> sample_chunks(std::uint64_t seed, std::int64_t update, std::int64_t count, std::int64_t steps,
                                  double discount) const;
  /// All rows, in order.  An Error where they are on the disk.
  batch<at::Tensor> all() const;
  /// f(batch) of all rows, one number for each: those of a log on the disk some at a time.
  template <class F>
  at::Tensor of_all(F f) const {
    if (!disk_) return f(all());
    std::vector<at::Tensor> parts;
    for (std::int64_t from = 0; from < size(); from += piece)
      parts.push_back(f(take(part(from, std::min(size(), from + piece)))).detach().reshape({-1}));
    return at::cat(parts);
  }

 private:
  // Of a log on the disk: where it is, and of its transitions, (logged, .), the columns.
  struct Disk {
    std::shared_ptr<const RowsOnDisk> rows;
    nn::Units units;
    std::vector<std::int64_t> chosen;  // empty: all
    at::Tensor columns;                // on the CPU

    std::int64_t chosen_at(std::int64_t k) const { return chosen.empty() ? k : chosen[std::size_t(k)]; }
  };
  // A log in memory whose states are stored once: row k, (s, a, r, m), is of transition k, and its s' is the s of row
  // after[k]; or, from the number of rows on, that row of `others`, (., n).
  struct Once {
    at::Tensor rows, others;
    std::vector<std::int64_t> after;
  };
  // So many rows are read from the disk, or converted, at a time: it takes little memory compared with the rows.
  static constexpr std::int64_t piece = 65536, converted = 8192;

  // How many rows, which stand first, are not among `rows_`.
  std::int64_t apart() const { return disk_ || once_ ? logged_ : 0; }
  // `given_up`: the data set, where its memory may be given back; else null.
  Replay(const Dataset& data, const std::vector<std::int64_t>& transitions, const nn::Units& units,
         const at::Device& device, std::vector<ReplayColumn> with, Dataset* given_up);
  void fill(const Dataset& data, const std::vector<std::int64_t>& transitions, const nn::Units& units,
            Dataset* given_up);
  void fill_once(const Dataset& data, const std::vector<std::int64_t>& transitions, const nn::Units& units,
                 Dataset* given_up);
  const float* next_of(std::int64_t k) const;
  // Transitions of a log on the disk in the learner's units.
  at::Tensor from_disk(std::span<const std::int64_t> transitions) const;
  // Rows: those with these indices, and from one to another.
  at::Tensor rows_at(const at::Tensor& index) const;
  at::Tensor part(std::int64_t from, std::int64_t to) const;
  // Says which rows come next.
  void expect(const at::Tensor& index) const;
  void fill_columns_of_disk();
  // Numbers of a row: the transition's, and the columns'.
  std::int64_t width() const;
  void fill_columns(const at::Tensor& rows, const std::vector<std::uint8_t>& follows) const;
  // Makes place for so many rows; storage doubles, up to `most`.
  void grow(std::int64_t size, std::int64_t most);

  batch<at::Tensor> take(const at::Tensor& x) const;
  // The rows of a minibatch.
  at::Tensor drawn(std::uint64_t seed, std::int64_t update, std::int64_t count) const;
  // Where a column's numbers begin in a row; an Error, where there is none of that name.
  std::int64_t place_of(const char* column) const;

  std::vector<ReplayColumn> columns_;
  std::int64_t n_, d_;
  bool discrete_;
  std::int64_t logged_ = 0, next_ = 0;  // next_: where in the ring of added rows the next one goes
  std::vector<std::uint8_t> follows_;   // whether the next row is the episode's next transition
  at::Tensor rows_, starts_, storage_;  // rows_ is a part of storage_, once rows were added
  std::shared_ptr<Disk> disk_;          // else null
  std::shared_ptr<const Once> once_;    // else null
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/replay.impl.hpp>
#endif
