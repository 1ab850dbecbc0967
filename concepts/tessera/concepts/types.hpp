#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/concepts/asked.hpp>

namespace tessera {
/// A sequence of any length that allocates nothing up to N elements.
template <class T, std::size_t N>
class few {
 public:
  std::size_t size() const { return many_.empty() ? count_ : many_.size(); }
  bool empty() const { return size() == 0; }
  T* data() { return many_.empty() ? here_.data() : many_.data(); }
  const T* data() const { return many_.empty() ? here_.data() : many_.data(); }
  T* begin() { return data(); }
  T* end() { return data() + size(); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }
  void push_back(T x) {
    if (many_.empty() && count_ < N) {
      here_[count_++] = std::move(x);
      return;
    }
    if (many_.empty()) many_.assign(std::make_move_iterator(here_.begin()), std::make_move_iterator(here_.end()));
    many_.push_back(std::move(x));
  }

 private:
  std::array<T, N> here_{};
  std::size_t count_ = 0;
  std::vector<T> many_;  // all of them, once they are more than N
};

/// A minibatch of B transitions in a learner's units.
template <class T>
struct batch {
  T observations;       ///< (B, n)
  T actions;            ///< (B, d) in [-1, 1], or (B) indices
  T rewards;            ///< (B)
  T next_observations;  ///< (B, n)
  T not_done;           ///< (B) bootstrap mask m: 0 where the task ended, 1 elsewhere, also at a time limit
  /// Of the B transitions, how many are logged: they come first, and those that a model has imagined follow.
  std::int64_t logged = everything;
  static constexpr std::int64_t everything = -1;
  /// What parts read besides (concepts/columns.hpp), each under the name of its column.
  few<std::pair<const char*, T>, 3> more{};

  /// A column's numbers; an undefined tensor, where the batch has none.
  template <class Column>
  const T& get() const {
    for (const auto& [name, numbers] : more)
      if (std::string_view(name) == Column::name) return numbers;
    static const T none{};
    return none;
  }
  template <class Column>
  void set(T numbers) {
    for (auto& [name, old] : more)
      if (std::string_view(name) == Column::name) return void(old = std::move(numbers));
    more.push_back({Column::name, std::move(numbers)});
  }
};

/// What a policy's network computes for B states: `out` (B, outputs), and `state_independent` (state_independent),
/// parameters of the network that do not depend on the state, such as a state-independent log-std.
template <class T>
struct head {
  T out;
  T state_independent;
};

/// The sizes of a network's `head`.
struct head_layout {
  std::int64_t outputs;
  std::int64_t state_independent = 0;
  double state_independent_init = 0;
  bool axis = true;  ///< whether `out` has an axis of outputs: (B, outputs), or (B) for the one number of a value

  /// One number for each state: `out` is (B).
  static constexpr head_layout value() { return {1, 0, 0, false}; }
};

/// The kind of noise that `sample` takes.  `none`: the policy is deterministic.
enum class noise { none, normal, uniform };

/// An action and its log-density under the policy it was drawn from: (B, d) and (B).
template <class T>
struct drawn {
  T action;
  T log_prob;
};

/// Noise, and the action that it became: (B, d) each.
template <class T>
struct generated {
  T noise;
  T action;
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
  few<term<T>, 4> items;

  terms() = default;
  terms(const char* name, T value) { add(name, std::move(value)); }
  terms& add(const char* name, T value) {
    items.push_back({name, std::move(value)});
    return *this;
  }
  /// The summands of another loss, after one's own.
  terms& add(const terms& more) {
    for (const auto& t : more.items) items.push_back(t);
    return *this;
  }
  bool empty() const { return items.empty(); }
};

/// A weighted loss: its summands, and its amount per unit of weight, a scalar without gradient, by which a multiplier
/// is adjusted.
template <class T>
struct WeightedLoss {
  terms<T> loss;
  T amount;
};

/// A tensor, or a number, that a part keeps between updates, and that a checkpoint holds.
template <class T>
struct buffer {
  T value{};
  void each_buffer(const auto& owner, auto&& f) { f(owner, value); }
};

/// Which of the two states of a transition (s, a, r, s') is meant.
enum class place { now, next };
inline constexpr place now = place::now;
inline constexpr place next = place::next;

/// Stand-ins for a tensor and a step, where a concept asks for the form of an expression alone.  A function whose
/// return type is `auto` is compiled with this step to find it out, and fails at its first lookup: the error then says
/// what to do.
struct symbol {};
struct declare_the_return_type_instead_of_auto {
  using tensor = symbol;
};
using symbolic_step = declare_the_return_type_instead_of_auto;
struct symbolic_backend {
  using tensor = symbol;
};
}  // namespace tessera
