#pragma once
#include <cstdint>
#include <utility>
#include <vector>

namespace tessera {
/// A minibatch of B transitions in a learner's units.
template <class T>
struct batch {
  T observations;       ///< (B, n)
  T actions;            ///< (B, d) in [-1, 1], or (B) indices
  T rewards;            ///< (B)
  T next_observations;  ///< (B, n)
  T not_done;           ///< (B) bootstrap mask m: 0 where the task ended, 1 elsewhere, also at a time limit
  // Present where a part says that it reads them.
  T next_actions{};       ///< as `actions`: the logged action at s'
  T next_actions_known{};  ///< (B) 1, or 0 where the log has none: the last transition of an episode
  T returns{};            ///< (B) the log's return from (s, a) on
  /// Of the B transitions, how many are logged: they come first, and those that a model has imagined follow.
  std::int64_t logged = everything;
  static constexpr std::int64_t everything = -1;
};

/// What a policy's network computes for B states: `out` (B, outputs), and `free` (free), parameters of
/// the network that do not depend on the state, such as a state-independent log-std.
template <class T>
struct head {
  T out;
  T free;
};

/// How much of each a policy asks of its network.
struct head_layout {
  std::int64_t outputs;
  std::int64_t free = 0;
  double free_init = 0;
  bool axis = true;  ///< whether `out` has an axis for its outputs: the one number of a value has none

  /// One number for each state: `out` is (B).
  static constexpr head_layout value() { return {1, 0, 0, false}; }
};

/// What `sample` draws from.  `none`: the policy is deterministic.
enum class noise { none, normal, uniform };

/// An action and its log-density under the policy it was drawn from: (B, d) and (B).
template <class T>
struct drawn {
  T action;
  T log_prob;
};

/// A named scalar: one summand of a loss, or a quantity that is only logged.
template <class T>
struct term {
  const char* name;  ///< "slot/what", as it appears in logs
  T value;
};

/// The summands of a loss, as many as there are; their sum is differentiated once.
template <class T>
struct terms {
  std::vector<term<T>> items;

  terms() = default;
  terms(const char* name, T value) { add(name, std::move(value)); }
  terms& add(const char* name, T value) {
    items.push_back({name, std::move(value)});
    return *this;
  }
  /// The summands of another loss, after one's own.
  terms& add(const terms& more) {
    items.insert(items.end(), more.items.begin(), more.items.end());
    return *this;
  }
  bool empty() const { return items.empty(); }
};

/// A weighted penalty: the loss with it, and how much of it there was per unit of weight, a scalar without gradient, from
/// which a multiplier learns.
template <class T>
struct weighed {
  terms<T> loss;
  T amount;
};

/// A tensor, or a number, that a part keeps between updates, and that a checkpoint holds.
template <class T>
struct kept {
  T value{};
  void each_buffer(const auto& owner, auto&& f) { f(owner, value); }
};

/// Which of the two states of a transition (s, a, r, s') is meant.
enum class place { now, next };
inline constexpr place now = place::now;
inline constexpr place next = place::next;

/// Stands for a tensor, and for a step, where a concept asks only for the form of an expression.  A function whose return type is `auto` is
/// compiled with this step to find it out, and fails at its first lookup: the error then says what to do.
struct symbol {};
struct declare_the_return_type_instead_of_auto {
  using tensor = symbol;
};
using symbolic_step = declare_the_return_type_instead_of_auto;
struct symbolic_backend {
  using tensor = symbol;
};
}  // namespace tessera
