#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <tessera/support/printable.hpp>

namespace tessera {
/// What a file knows of the numbers in it beside their values.  An empty list means that it does not know; else it has
/// an entry for each number.  The texts come from files: print them with `printable_name`.
struct LogSpaces {
  std::vector<std::string> observation_names{};              ///< (observation_size) "position[0]", "agent/velocity"
  std::vector<float> observation_low{}, observation_high{};  ///< (observation_size), may be infinite
  /// (action_size) what the numbers of a continuous action are called, or the discrete actions.
  std::vector<std::string> action_names{};
  /// Where a discrete action is several choices at once, how many each has: with (3, 4), action i chooses i / 4 and
  /// i % 4.  Their product is action_size.
  std::vector<std::int64_t> action_factors{};
  std::int64_t first_action = 0;  ///< what the task calls the discrete action 0; the others follow

  friend bool operator==(const LogSpaces&, const LogSpaces&) = default;
};

/// The name of a part as its numbers have it, of which there may be a million: of one that is longer than any that a
/// person gives the two ends, or a small file would take all memory.
inline std::string name_of_part(const std::string& name) {
  constexpr std::size_t most = 128;
  if (name.size() <= most) return name;
  return printable(name.substr(0, most / 2)) + "..." + printable(name.substr(name.size() - most / 2));
}

/// What a file knows of the task that was logged.
struct LogTask {
  std::string environment{};   ///< "Hopper-v5"; empty if unknown
  std::int64_t max_steps = 0;  ///< the time limit of an episode; 0 if unknown
  /// The returns that make a normalized score of 0 and of 100; NaN if unknown.
  double score_zero = std::numeric_limits<double>::quiet_NaN(), score_hundred = score_zero;
};
}  // namespace tessera
