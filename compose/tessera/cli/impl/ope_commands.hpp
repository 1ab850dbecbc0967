#pragma once
#include <algorithm>
#include <string>

#include <tessera/cli/collect_commands.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/one_of.hpp>
#include <tessera/cli/ope_commands.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/ope/estimators.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE bool JudgeCommand::has(const std::string& flag) const {
  return std::find(given.begin(), given.end(), flag) != given.end();
}

TESSERA_CLI_INLINE std::vector<std::string> asked_estimators(const std::string& list) {
  if (list.empty()) return {};
  auto out = split_at(list, ',');
  const auto names = ope::estimator_names();
  for (std::size_t i = 0; i < out.size(); ++i) {
    require_one_of("--estimators", out[i], names);
    if (std::find(out.begin(), out.begin() + std::ptrdiff_t(i), out[i]) != out.begin() + std::ptrdiff_t(i))
      throw Error("--estimators: " + out[i] + " stands there twice; leave one of them out");
  }
  return out;
}

namespace detail {
inline void refuse_judging(const JudgeCommand& c) {
  for (std::size_t i = 0; i < c.runs.size(); ++i) {
    RunFolder::config_of(c.runs[i]);
    RunFolder::checkpoint_of(c.runs[i]);
    if (std::find(c.runs.begin(), c.runs.begin() + std::ptrdiff_t(i), c.runs[i]) != c.runs.begin() + std::ptrdiff_t(i))
      throw Error(c.runs[i] + ": is named twice; leave one of them out");
  }
  require_dataset(c.dataset);
  if (!c.out.empty()) require_place("--out", c.out);
}
}  // namespace detail

TESSERA_CLI_INLINE void refuse(const OpeCommand& c) {
  asked_estimators(c.estimators);
  if (!c.plot.empty()) picture_name(c.plot);
  detail::refuse_judging(c);
  if (!c.plot.empty()) require_place("--plot", c.plot);
}

TESSERA_CLI_INLINE void refuse(const SelectCommand& c) {
  require_one_of("--by", c.by, {"fqe", "dr", "wdr"});
  if (c.env.empty() != (c.episodes == 0))
    throw Error(c.env.empty() ? "--episodes are of an environment; name it with --env, or leave it out"
                              : "--env: give the number of episodes, of all runs together, with --episodes");
  if (c.has("--horizon") && c.env.empty())
    throw Error("--horizon is of episodes in an environment; name it with --env, or leave it out");
  if (c.runs.size() < 2) throw Error("select: one run is not a choice; name two or more");
  detail::refuse_judging(c);
  if (!c.env.empty()) require_environment_named(c.env);
}
}  // namespace tessera::cli
