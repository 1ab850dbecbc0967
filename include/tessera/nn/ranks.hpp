#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// Processes that train one learner together, each on its rows of every batch (data-parallel training), as one of them
/// sees them.  `connect` makes those of a launcher (<tessera/nn/connect.hpp>).  Calls come in the same order on all
/// ranks, each with as many numbers; one that cannot go on throws a RankFailure.
class Ranks {
 public:
  Ranks() = default;
  Ranks(const Ranks&) = delete;
  virtual ~Ranks() = default;

  virtual int rank() const = 0;  ///< from 0
  virtual int size() const = 0;
  /// Replaces the numbers by their sums over the ranks: the same bits on all of them.
  virtual void sum(at::Tensor& x) = 0;
  /// Replaces the numbers by those of rank 0.
  virtual void broadcast(at::Tensor& x) = 0;
  /// Sums n numbers that are not next to each other, where the ranks have memory in common, without a copy of them all:
  /// fill(from, row) writes some of them, those from `from` on, take(from, sums) gets the sums of some; each is called
  /// for all parts, in a pool's threads.  False, and nothing has happened, where they have none: `sum` it is then.
  using Fill = std::function<void(std::int64_t from, std::span<float> row)>;
  using Take = std::function<void(std::int64_t from, std::span<const float> sums)>;
  virtual bool sum_parts(std::int64_t n, const Fill& fill, const Take& take) {
    return (void)n, (void)fill, (void)take, false;
  }
  /// By which way the numbers go, for people: "shared memory".
  virtual std::string way() const { return {}; }
  /// Why this rank ends: what the others say when they miss it.
  virtual void leave(const std::string& why) { (void)why; }
};

/// Whether it is true on any rank.
bool on_any(Ranks& ranks, bool here);
/// The text that rank 0 has.
std::string text_of_first(Ranks& ranks, const std::string& here);
/// Each rank's number, by rank.
std::vector<std::int64_t> of_each(Ranks& ranks, std::int64_t here);

/// A part of 0 .. n-1 of each rank: [first, last) of rank r is [r n / W, (r + 1) n / W).
std::pair<std::int64_t, std::int64_t> share_of(std::int64_t n, int rank, int size);

struct JointOptions {
  /// Whether each rank draws from its own share of the data's rows, a W-th of them, and not its rows of one joint draw:
  /// of data that stay on the disk a host then reads no more.
  bool sharded = false;
  /// Updates between comparisons of the ranks' parameters, which must be equal to the bit.
  std::int64_t check_every = 1000;
};

/// How several ranks make updates together: each computes the gradient of the mean over its own rows, and before a
/// network takes its step, the gradients are replaced by their mean over the ranks, which is that of the joint batch:
///   g <- 1/W sum_r g_r
/// Networks whose gradients are there by then share one sum of one flat buffer.  Rows of the joint batch of B are
/// those of one process; rank r has [r B / W, (r + 1) B / W) of them, and of the noise that is drawn for them.  What
/// a part takes over a batch, as TD3+BC's mean of |Q|, is that of the joint one (<tessera/math/over_batch.hpp>).
/// Source: Li et al. 2020 (PyTorch distributed), section 3.
class JointUpdates {
 public:
  explicit JointUpdates(Ranks& ranks, const JointOptions& o = {}) : ranks_(ranks), o_(o) {}
  JointUpdates(const JointUpdates&) = delete;

  /// That of the update which the calling thread makes; null, where it makes its updates alone.
  static JointUpdates* here();

  Ranks& ranks() const { return ranks_; }
  int rank() const { return ranks_.rank(); }
  int size() const { return ranks_.size(); }
  const JointOptions& options() const { return o_; }
  /// A rank's part of a joint batch; an Error where the ranks cannot share it equally.
  std::int64_t rows_of(std::int64_t batch);
  /// Those of the batch at hand: noise for so many rows, or a multiple of it, is a part of the joint batch's; other
  /// noise is the same on all ranks.
  std::int64_t rows() const { return rows_; }

  /// The mean, and the largest, of the ranks' numbers: of each rank's x the same bits on all of them.
  at::Tensor mean(const at::Tensor& x) const;
  at::Tensor max(const at::Tensor& x) const;

  /// A backward pass has added to a gradient, (parts, ...), the sum of whose parts counts.
  void touched(const at::Tensor& gradient);
  /// Called before a step with a gradient: from then on it is the ranks' mean, in the first part.
  void before_step(const at::Tensor& gradient);

  /// A rank asks all to stop: with the next gradient all of them learn that.
  void ask_to_stop() { asks_ = true; }
  /// All ranks have agreed to stop, each calls it.
  void stop() { asked_ = true; }
  /// Whether a rank has asked.  The same on all ranks, after every update.
  bool asked_to_stop() const { return asked_; }

  /// Makes the calling thread's updates joint ones while it lives; with null, or one
  /// rank, they are its own.
  class scope {
   public:
    explicit scope(JointUpdates* joint);
    scope(const scope&) = delete;
    ~scope();

   private:
    JointUpdates* before_;
  };

 private:
  void reduce();
  bool reduce_in_shared_memory(std::int64_t numbers);
  void reduce_in_one_buffer(std::int64_t numbers);
  static bool holds(std::span<const at::Tensor> list, const at::Tensor& gradient);

  Ranks& ranks_;
  const JointOptions o_;
  std::int64_t rows_ = 1;
  bool asks_ = false, asked_ = false;
  at::Tensor flat_;                            // the gradients and one number more: how many ranks ask to stop
  std::vector<at::Tensor> touched_, reduced_;  // reduced_: those that have not taken their step yet
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/ranks.impl.hpp>
#endif
