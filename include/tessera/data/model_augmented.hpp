#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/data/imagination.hpp>
#include <tessera/data/offline.hpp>

namespace tessera {
/// Hyper-parameters that ModelAugmented adds to those of Offline.
struct ModelAugmentedParams {
  double real_ratio = 0.05;
  std::int64_t horizon = 5;
  std::int64_t rollout_batch = 10'000;
  std::int64_t rollout_every = 1000;
  std::int64_t retain = 5;
  bool uniform_actions = false;
  double cut_range = 5.0;

  static constexpr doc docs[] = {
      {"real_ratio", "f, the logged fraction of a batch (MOPO: 0.05; COMBO: 0.5)", 0, 1},
      {"horizon", "h, steps per model rollout (MOPO: 1 or 5)", 1, 10000},
      {"rollout_batch", "model rollouts generated at a time (MOPO: 50000)", 1, 100000000},
      {"rollout_every", "updates between two generations of rollouts (MOPO: 1000)", 1, 1000000000},
      {"retain",
       "how many generations of rollouts are kept: retain * rollout_batch * horizon rows of 2 n + d + 2 4-byte numbers "
       "(MOPO: 5)",
       1, 1000},
      {"uniform_actions", "whether rollouts take uniform actions instead of the policy's (COMBO, on some tasks)"},
      {"cut_range",
       "a rollout is truncated, and counted as diverged, where a state component leaves the logged range by this many "
       "times its width",
       0},
  };
};

/// Batches are part logged and part imagined: rollouts of h steps from states of the log, by the current policy, in the
/// dynamics model, with the uncertainty part's penalty; kept in a ring buffer, whose oldest rows are overwritten.
///   (s, a, r, s', m) ~ f U(D) + (1 - f) U(imagined)
/// A rollout ends where the model predicts an end, and is cut where a state leaves the range of the data or is not
/// finite.
/// Source: Janner et al. 2019 (MBPO), algorithm 2; Yu et al. 2020 (MOPO), algorithm 2.
struct ModelAugmented {
  using role = role::data_source;
  using params = joined<OfflineParams, ModelAugmentedParams>;
  using needs = all_of<need<dynamics, want::dynamics_to_imagine_with>, need<policy, want::policy_with_mode>>;
  static constexpr const char* formula = "f U(D) + (1 - f) U(imagined: h steps from s ~ D, a ~ pi)";
  static constexpr const char* source = "Janner et al. 2019, algorithm 2; Yu et al. 2020, algorithm 2";
  static constexpr bool imagines = true;

  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    Offline::prepare(h, data, out);
  }

  /// Rows the buffer holds at most.
  static std::int64_t capacity(const params& h) {
    return h.real_ratio < 1 ? h.retain * h.rollout_batch * h.horizon : 0;
  }

  /// Numbers in each of them.
  template <class Problem>
  static std::int64_t width(const Problem& on) {
    return 2 * on.observation_size + (on.discrete ? 1 : on.action_size) + 2;
  }

  static constexpr bool sized_state = true;
  /// Lives between updates: imagined rows (s, a, r, m, s') in the learner's units, and the range of logged states.
  template <class B>
  struct state : Imagination::state<B> {
    buffer<typename B::tensor> rows;        ///< (capacity, 2 n + d + 2)
    buffer<std::int64_t> filled{0}, at{0};  ///< rows there are; where the next goes

    template <class Problem>
    state(const params& h, const Problem& on) : Imagination::state<B>(on) {
      rows.value = B::filled(std::array<std::int64_t, 2>{capacity(h), width(on)}, 0, on.device);
    }
    void each(auto&& f) {
      Imagination::state<B>::each(f);
      f("imagined/rows", rows), f("imagined/filled", filled), f("imagined/at", at);
    }
  };

  /// Prepares imagining, in a step whose batch is all logged transitions.
  template <class Step>
  static void run(stage::start, const params& h, Step& step) {
    Imagination::begin(h.cut_range, step.template state_of<data>(), step);
  }

  static bool due(const params& h, std::int64_t updates) { return capacity(h) > 0 && updates % h.rollout_every == 0; }
  /// Imagines branches from logged states, where that is due, and keeps their transitions.
  template <class Replay, class At>
  static void refill(const params& h, Replay& replay, At& at) {
    if (!due(h, at.updates())) return;
    using T = typename At::tensor;
    auto& own = at.template state_of<data>();
    const auto act = [&](auto& step, const T& s) {
      const T a = action(h, step, s);
      return std::pair<T, T>(a, a);
    };
    const auto sum = Imagination::branches(
        at, own, T(replay.sample(at.seed(), at.updates() + 1, h.rollout_batch).observations.contiguous()), h.horizon,
        act, [&](const T& s, const T& a, const auto& x, const T& index, const T&) {
          const T stored = a.dim() == 1 ? a.to(s.scalar_type()).unsqueeze(-1) : a;
          keep(own, At::backend::cat(
                        std::array<T, 5>{s, stored, x.reward.unsqueeze(-1), x.not_done.unsqueeze(-1), x.next}, 1)
                        .index_select(0, index));
        });
    sum.report(at);
    sum.report(at, "data/ended", double(sum.ended) / double(sum.transitions));
    sum.report(at, "data/diverged", double(sum.diverged) / double(h.rollout_batch));
  }

  /// The batch of an update: round(f count) logged transitions, then imagined ones; a function of (seed, update) and
  /// the buffer.
  template <class Replay, class State>
  static typename Replay::batch_type batch(const params& h, const Replay& replay, std::uint64_t seed,
                                           std::int64_t update, std::int64_t count, const State& own) {
    const auto logged = std::llround(h.real_ratio * double(count));
    if (logged == count) return replay.sample(seed, update, count);
    return replay.sample(seed, update, count, logged, own.rows.value, own.filled.value);
  }

 private:
  template <class Step, class T>
  static T action(const params& h, Step& step, const T& s) {
    if (h.uniform_actions) {
      if constexpr (Step::discrete)
        return Step::backend::whole((step.draw(noise::uniform, 1, s).squeeze(-1) * double(step.action_size())).floor());
      else return step.draw(noise::uniform, step.action_size(), s) * 2.0 - 1.0;
    }
    if constexpr (SamplingPolicy<typename Step::policy_type>) return step.pi(s).sample();
    else return step.pi(s).mode();
  }
  // Writes rows into the ring.
  template <class State, class T>
  static void keep(State& own, const T& rows) {
    auto& ring = own.rows.value;
    const auto size = ring.size(0);
    for (std::int64_t from = 0; from < rows.size(0);) {
      const auto count = std::min(rows.size(0) - from, size - own.at.value);
      ring.narrow(0, own.at.value, count).copy_(rows.narrow(0, from, count));
      from += count;
      own.at.value = (own.at.value + count) % size;
      own.filled.value = std::min(size, own.filled.value + count);
    }
  }
};
static_assert(ImaginesTransitions<ModelAugmented>);
}  // namespace tessera
