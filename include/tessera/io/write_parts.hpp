#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
/// What a format does not hold of a data set that was written in it: one line each, and never fatal.
using Losses = std::vector<Warning>;

/// A data set taken apart into episodes, for what writes files.
class EpisodeParts {
 public:
  /// One episode with at least one transition.
  struct Part {
    std::int64_t first, steps;   ///< its first transition, and how many it has
    bool terminated, truncated;  ///< how it ends.  Neither: the log breaks off
    bool knows_last;             ///< whether it is known where its last step led
  };
  /// Refers to `data`, which has to outlive it.
  explicit EpisodeParts(const Dataset& data);

  const std::vector<Part>& parts() const { return parts_; }
  std::int64_t steps() const { return data_.size(); }
  /// How many episodes `holds` is true of.
  template <class F>
  std::int64_t count(F holds) const {
    std::int64_t found = 0;
    for (const auto& part : parts_) found += holds(part);
    return found;
  }

  /// Appends its observations, (steps + 1, n): that of each step, and where the last one led.  Where this is unknown,
  /// the last observation stands in.
  void observations(const Part& part, std::vector<float>& to) const;

  // What of this data set a format may be unable to hold; nothing is added where there is nothing to lose.
  void lose_names(Losses& to) const;
  void lose_bounds(Losses& to) const;        ///< of observations, and declared limits of actions
  void lose_action_count(Losses& to) const;  ///< where the largest index is not among the actions
  void lose_action_texts(Losses& to) const;  ///< labels, factors, and what the first discrete action is called
  void lose_task(Losses& to) const;
  void lose_propensities(Losses& to) const;
  void lose_unknown_next(Losses& to, const std::string& what_is_there) const;
  void lose_own_next(Losses& to, const std::string& what_is_there) const;  ///< see `breaks`
  void lose_open_ends(Losses& to, const std::string& what_is_there) const;
  /// Terminals before the end of an episode, which goes on after them.
  void lose_inner_terminals(Losses& to, const std::string& what_is_there) const;
  /// Episodes without a transition, and rows that the reader could not use.
  void lose_rows(Losses& to) const;

  /// Steps inside an episode that do not lead to the observation of the step after them.
  std::int64_t breaks() const { return breaks_; }

 private:
  const Dataset& data_;
  std::vector<Part> parts_;
  std::int64_t breaks_ = 0, inner_terminals_ = 0;
};

namespace detail {
/// "1 episode", "2 episodes".
std::string counted(std::int64_t count, const char* what);
/// The discrete action that index `i` stands for, as the choices of `factors`.
std::vector<std::int64_t> choices_of(std::int64_t i, const std::vector<std::int64_t>& factors);
/// A short text of some names: "'x', 'y' and 3 more".
std::string some_names(const std::vector<std::string>& names);
}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/write_parts.impl.hpp>
#endif
