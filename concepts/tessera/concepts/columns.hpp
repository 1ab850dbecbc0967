#pragma once
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <tessera/concepts/part.hpp>

namespace tessera {
// What a batch may hold beyond (s, a, r, s', m).  A column is a type with a name, its numbers in a row, and what the
// log has for them:
//   is_action             whether it is in the form of actions: (B, d), or (B) indices where they are discrete
//   width(action_width)   its numbers in a row; of 1 it is (B)
//   fill(log, out)  its rows (log.count(), width), from the transitions that are learned from, in the learner's units:
//     log.action(k), log.reward(k), log.not_done(k), log.observation(k), log.next_observation(k)  of transition k
//     log.action_width(), log.observation_width()                                                their numbers
//     log.follows(k)                                   whether transition k + 1 is the next of the same episode
//     log.goes_on(k)                                   the same, and the task did not end at k
// A program's own column is such a type; the parts that read it say so:  using reads = columns<my::column>;
// A column that is not of the log, but of what a data source makes of it, has `static constexpr bool made = true` in
// place of these three: a part that reads it composes with a data source that brings it.
namespace column {
/// The logged action at s'; zeros where it is not known.
struct next_action {
  static constexpr const char* name = "next_action";
  static constexpr bool is_action = true;
  static std::int64_t width(std::int64_t action_width) { return action_width; }
  static void fill(const auto& log, float* out) {
    const auto d = log.action_width();
    for (std::int64_t k = 0; k < log.count(); ++k)
      for (std::int64_t j = 0; j < d; ++j) *out++ = log.goes_on(k) ? log.action(k + 1)[j] : 0.0f;
  }
};
/// 1, or 0 where the log has no next action: the last transition of an episode.
struct next_action_known {
  static constexpr const char* name = "next_action_known";
  static constexpr bool is_action = false;
  static std::int64_t width(std::int64_t) { return 1; }
  static void fill(const auto& log, float* out) {
    for (std::int64_t k = 0; k < log.count(); ++k) *out++ = log.goes_on(k) ? 1.0f : 0.0f;
  }
};
/// The log's return from (s, a) on; not a number until it is computed, since values are in it.
struct returns {
  static constexpr const char* name = "returns";
  static constexpr bool is_action = false;
  static std::int64_t width(std::int64_t) { return 1; }
  static void fill(const auto& log, float* out) {
    for (std::int64_t k = 0; k < log.count(); ++k) *out++ = std::numeric_limits<float>::quiet_NaN();
  }
};
/// 1 where the transition stored behind this one is the next of its episode, also where the task ended in between and
/// the log goes on; else 0.
struct follows {
  static constexpr const char* name = "follows";
  static constexpr bool is_action = false;
  static std::int64_t width(std::int64_t) { return 1; }
  static void fill(const auto& log, float* out) {
    for (std::int64_t k = 0; k < log.count(); ++k) *out++ = log.follows(k) ? 1.0f : 0.0f;
  }
};

// Of the h steps from a transition on, k of which the log has before the episode's end, 1 <= k <= h.  A data source
// brings them, and sets h.
/// (B, h d), or (B, h) indices: a_t, ..., a_{t+h-1}; zeros from the k-th on.
struct chunk {
  static constexpr const char* name = "chunk";
  static constexpr bool made = true;
};
/// (B, h): 1 for the first k steps, else 0.
struct chunk_valid {
  static constexpr const char* name = "chunk_valid";
  static constexpr bool made = true;
};
/// (B): sum_{j<k} gamma^j r_{t+j}.
struct n_step_reward {
  static constexpr const char* name = "n_step_reward";
  static constexpr bool made = true;
};
/// (B, n): s_{t+k}.
struct n_step_next {
  static constexpr const char* name = "n_step_next";
  static constexpr bool made = true;
};
/// (B): gamma^k m, by which the value of s_{t+k} counts; m is 0 where the task ended in one of the k steps.
struct n_step_bootstrap {
  static constexpr const char* name = "n_step_bootstrap";
  static constexpr bool made = true;
};

/// What a fixed policy does at s', which is known before training: (B, K d), K actions drawn from it, or, where actions
/// are discrete, (B, A), the probability of each.
struct fixed_policy {
  static constexpr const char* name = "fixed_policy";
  static constexpr bool made = true;
};
}  // namespace column

/// A column that a data source makes; no log has it.
template <class C>
concept MadeColumn = requires {
  { C::name } -> std::convertible_to<const char*>;
  requires C::made;
};
template <class C>
concept Column = MadeColumn<C> || requires(std::int64_t action_width) {
  { C::name } -> std::convertible_to<const char*>;
  { C::is_action } -> std::convertible_to<bool>;
  { C::width(action_width) } -> std::convertible_to<std::int64_t>;
};

/// A list of columns: what a part reads, or what a data source brings by itself.
template <Column... Columns>
struct columns {
  template <class C>
  static constexpr bool has = (std::is_same_v<C, Columns> || ...);
};

namespace detail {
template <class List, class... More>
struct joined_columns {
  using type = List;
};
template <class... Columns, class C, class... Cs, class... Lists>
struct joined_columns<columns<Columns...>, columns<C, Cs...>, Lists...>
    : joined_columns<
          std::conditional_t<columns<Columns...>::template has<C>, columns<Columns...>, columns<Columns..., C>>,
          columns<Cs...>, Lists...> {};
template <class... Columns, class... Lists>
struct joined_columns<columns<Columns...>, columns<>, Lists...> : joined_columns<columns<Columns...>, Lists...> {};

template <class Part>
struct read_by {
  using type = columns<>;
};
template <class Part>
using wrapped_reads = typename read_by<wrapped_part<Part>>::type;
template <class Part>
  requires requires { typename Part::reads; }
struct read_by<Part> {
  using type = typename joined_columns<typename Part::reads, wrapped_reads<Part>>::type;
};
template <class Source>
struct brought_by {
  using type = columns<>;
};
template <class Source>
  requires requires { typename Source::brings; }
struct brought_by<Source> {
  using type = typename Source::brings;
};

template <class List, class Without>
struct without_columns;
template <class... Columns, class Without>
struct without_columns<columns<Columns...>, Without>
    : joined_columns<columns<>, std::conditional_t<Without::template has<Columns>, columns<>, columns<Columns>>...> {};

template <class... Slots>
struct reads_of_slots : joined_columns<columns<>, typename read_by<typename Slots::type>::type...> {};
}  // namespace detail

/// The columns that a part reads, those of the part that it wraps among them.
template <class Part>
using reads_of = typename detail::read_by<Part>::type;
template <class Part, class C>
concept Reads = reads_of<Part>::template has<C>;
}  // namespace tessera
