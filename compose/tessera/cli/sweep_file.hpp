#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// A sweep as its file says it, in TOML:
///
///     algorithm = "iql"                    # any flag of `train` without its dashes, or true for one without a value
///     dataset = "log.h5"
///     seeds = "0:3"
///     out = "runs/sweep"
///     [set]
///     policy.net.hidden = "64,64"          # of all runs
///     [grid]
///     actor.beta = [1, 3, 10]              # each combination
///     [random]                             # `runs` draws; with a grid, each of its combinations with each draw
///     runs = 20
///     seed = 0
///     policy.adam.learning_rate = "log-uniform(1e-5, 1e-3)"
///     critic.polyak = "uniform(0.001, 0.05)"
///     data.steps = "integer(1, 5)"
///     value.tau = [0.7, 0.8, 0.9]          # one of them
///
/// An array stands in one line; there are no inline tables.
struct SweepFile {
  std::vector<std::string> flags;  ///< "--algorithm=iql", "--keep-best": for `train`, in the order of the file
  std::vector<std::string> grid;   ///< "actor.beta=1;3;10"
  std::vector<std::vector<std::string>> draws;  ///< of [random]: KEY=VALUE of each, as `settings_of_draws` draws them
  std::string out;                              ///< "" if the file names none
};
/// Throws an Error with the file's name and what is wrong there.
SweepFile read_sweep(const std::string& path);

/// What [random] draws for a hyper-parameter: see above; a list of values is one of them.
struct Distribution {
  enum class Kind { uniform, log_uniform, integer, choice } kind = Kind::choice;
  double low = 0, high = 0;
  std::vector<std::string> values{};
};
/// Throws an Error that says what there is, where `text` is none: "uniform(0, 1)".
Distribution distribution_of(const std::string& text);
/// The value number `index` of the hyper-parameter `key`: a function of (seed, key, index), so that more draws begin
/// with those of fewer, and another hyper-parameter changes none.  A number is rounded to four digits.
std::string drawn_value(const Distribution& d, std::uint64_t seed, const std::string& key, std::uint64_t index);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/sweep_file.hpp>
#endif
