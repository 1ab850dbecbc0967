#pragma once
#include <array>
#include <cstdint>
#include <type_traits>

#include <tessera/concepts/generative.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
namespace detail {
TESSERA_NAMES(NamesSquaredErrors, squared_errors);
// A policy that is fitted to actions, and gives no error of each of their numbers, cannot leave out those behind an
// episode's end.
template <class P>
concept MatchesAsAWhole = (FlowsToAction<P> || Denoises<P>)&&!NamesSquaredErrors<P>;
}  // namespace detail

/// Policy P whose action is a chunk of h actions, of h d numbers, that are done one after the other without a look at
/// what they lead to; then the next chunk begins.  An episode's end drops the rest.  A flow is fitted to the actions of
/// the logged chunk that are of its episode:
///   matching error = 1/(h d) sum_{j<h} chunk_valid_j |v_j - (a_j - z_j)|^2
/// Source: Li et al. 2025 (Q-chunking), section 4 and authors' code.
template <class P>
struct Chunked : P {
  using params = typename P::params;
  using needs =
      extended_needs<typename P::needs, need<policy, want::continuous_policy>, need<data, want::transitions_of_chunks>>;
  using reads = columns<column::chunk_valid>;
  using takes_chunks = std::conditional_t<detail::MatchesAsAWhole<P>, void, Chunked>;
  static constexpr const char* formula = "(a_t, ..., a_{t+h-1}) ~ pi(s_t), the wrapped policy's, done open-loop";
  static constexpr const char* source = "Li et al. 2025, section 4";
  static constexpr bool acts_in_chunks = true;

  /// Lives between updates: what the policy has; and of each copy of a task that is explored, how many actions of its
  /// chunk are left, and the chunk, (copies, 1 + h d).
  template <class B>
  struct state : state_around<P, B> {
    buffer<typename B::tensor> pending;

    template <class Problem, class Recipe>
    state(const params& h, const Problem& on, Recipe recipe)
        : state_around<P, B>(h, on, recipe), pending{B::filled(std::array<std::int64_t, 2>{0, 1 + on.action_size}, 0,
                                                               on.device)} {}
    void each(auto&& f) { state_around<P, B>::each(f), f("policy/pending", pending); }
  };

  template <class F, class Step, class T = typename Step::tensor>
  static T matching_error(const params& h, const F& f, const T& chunk,
                          Step& step) requires(!detail::MatchesAsAWhole<P>) {
    const T errors = P::squared_errors(h, f, chunk, step);
    const T& valid = step.template column<column::chunk_valid>();
    return (errors.reshape({valid.size(0), valid.size(1), -1}) * valid.unsqueeze(-1)).mean(-1).mean(-1);
  }

  /// The next action of each row, (E, d), of chunks (E, h d) of which those are begun whose row has nothing left.
  template <class B, class State, class T = typename B::tensor>
  static T next_actions(State& own, const T& fresh, std::int64_t action_size) {
    const auto rows = fresh.size(0), width = fresh.size(1), h = width / action_size;
    T& kept = own.pending.value;
    if (kept.size(0) != rows) kept = B::filled(std::array<std::int64_t, 2>{rows, 1 + width}, 0, fresh.device());
    const T before = kept.narrow(1, 0, 1), empty = before <= 0.0;
    const T left = where(empty, full_like(before, double(h)), before);
    const T chunk = where(empty, fresh, kept.narrow(1, 1, width));
    kept = B::template cat<2>({left - 1.0, chunk}, 1);
    const T at = B::whole((double(h) - left).clamp(0, double(h - 1)));
    return chunk.reshape({rows, h, action_size}).gather(1, at.unsqueeze(-1).expand({rows, 1, action_size})).squeeze(1);
  }
  /// Drops what is left of a row's chunk, if it has one.
  static void drop(auto& own, std::int64_t row) {
    auto& kept = own.pending.value;
    if (row < kept.size(0)) kept.narrow(0, row, 1).narrow(1, 0, 1).fill_(0);
  }
};
}  // namespace tessera
