#pragma once
#include <tessera/concepts/wants.hpp>
#include <tessera/critic/params.hpp>

namespace tessera {
/// A backup over the h steps of a chunk A_t = (a_t, ..., a_{t+h-1}), which is done without a look in between, so that
/// it needs no correction for the policy that logged it:
///   minimize sum_i E w (Q_i(s_t, A_t) - y)^2,   y = sum_{j<h} gamma^j r_{t+j} + gamma^h m v(s_{t+h})
/// v as in the wrapped backup, of chunks of the policy; m is 0 where the task ended in one of the steps.  w is 1 where
/// all h steps are of the episode, else 0: a chunk that goes across an end is not learned from.
/// The discount is per step; ChunkTransitions gives batches in which a transition is of a whole chunk.
/// Source: Li et al. 2025 (Q-chunking), section 4 and authors' code.
template <class Backup>
struct ChunkBackup : Backup {
  using params = typename Backup::params;
  using needs = extended_needs<typename Backup::needs, need<critic, want::plain_backup_in<ChunkBackup, Backup>>,
                               need<data, want::transitions_of_chunks>>;
  using reads = columns<column::chunk_valid>;
  using takes_chunks = ChunkBackup;
  static constexpr const char* formula =
      "y = sum_{j<h} gamma^j r_{t+j} + gamma^h m v', v' as in the wrapped backup;  sum_i E w (Q_i(s,A) - y)^2, w: the "
      "chunk is of one episode";
  static constexpr const char* source = "Li et al. 2025, section 4";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    using T = typename Step::tensor;
    const T y = math::td_target(Backup::reward(h, step), h.discount, step.not_done(), Backup::next_value(h, step));
    const T& valid = step.template column<column::chunk_valid>();
    // w is 0 or 1, and its own square.
    const T w = valid.select(1, valid.size(1) - 1), q = w * step.q(now, logged_action), wy = w * y;
    return {"critic/td", h.huber > 0 ? math::huber_td(q, wy, h.huber) : math::squared_td(q, wy)};
  }
};
}  // namespace tessera
