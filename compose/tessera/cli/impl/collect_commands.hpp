#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include <tessera/cli/collect_commands.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/number_text.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

TESSERA_CLI_INLINE std::vector<MixedRun> mixed_runs(const CollectCommand& c) {
  std::vector<MixedRun> out{{c.run, 1}};
  for (std::size_t from = 0; from < c.mix.size() && !c.mix.empty();) {
    const auto comma = std::min(c.mix.find(',', from), c.mix.size());
    const auto item = c.mix.substr(from, comma - from);
    const auto colon = item.rfind(':');
    const auto weight = colon == std::string::npos ? std::nullopt : real_number(item.substr(colon + 1));
    if (colon == std::string::npos || colon == 0 || !weight || !(*weight > 0 && *weight <= 1e6))
      throw Error(
          fmt::format("--mix: '{}' is not DIR:WEIGHT, the folder of a run and a number of more than 0 and at "
                      "most 1000000, such as runs/early:0.5",
                      item));
    out.push_back({item.substr(0, colon), *weight});
    from = comma + 1;
    if (comma + 1 == c.mix.size()) throw Error("--mix: '" + c.mix + "' ends in a comma; leave it out");
  }
  return out;
}

TESSERA_CLI_INLINE std::vector<std::size_t> shared_out(const std::vector<MixedRun>& runs, std::int64_t episodes) {
  double sum = 0;
  for (const auto& each : runs) sum += each.weight;
  std::vector<std::int64_t> had(runs.size(), 0);
  std::vector<std::size_t> out;
  for (std::int64_t e = 0; e < episodes; ++e) {
    std::size_t next = 0;
    double most = -1;
    for (std::size_t k = 0; k < runs.size(); ++k) {
      const double lacks = runs[k].weight / sum * double(e + 1) - double(had[k]);
      if (lacks > most) most = lacks, next = k;
    }
    ++had[next];
    out.push_back(next);
  }
  return out;
}

TESSERA_CLI_INLINE std::pair<std::string, std::string> picture_name(const std::string& plot) {
  for (const char* ending : {".png", ".svg"})
    if (plot.ends_with(ending) && fs::path(plot).stem() != fs::path(ending).stem() && !fs::path(plot).stem().empty())
      return {plot.substr(0, plot.size() - 4), ending};
  throw Error("--plot: '" + plot + "' is not the name of a picture; give one that ends in .png or .svg");
}

TESSERA_CLI_INLINE std::string film_format(const std::string& plot) {
  for (const char* ending : {".png", ".gif"})
    if (plot.ends_with(ending) && plot.size() > 4 && plot[plot.size() - 5] != '/') return ending + 1;
  throw Error("--plot: '" + plot +
              "' is not the name of a film; give one that ends in .png (frames side by side) or .gif");
}

TESSERA_CLI_INLINE std::vector<std::int64_t> shown_steps(std::int64_t frames, std::int64_t steps) {
  std::vector<std::int64_t> out;
  const auto count = std::min(frames, steps + 1);
  for (std::int64_t k = 0; k < count; ++k)
    out.push_back(count == 1 ? 0 : (2 * k * steps + count - 1) / (2 * (count - 1)));
  return out;
}

namespace detail {
inline void require_named_environment(const std::string& run, const std::string& env) {
  const auto config = RunFolder::config_of(run);
  const auto& name = env.empty() ? config.command.env : env;
  if (name.empty()) throw Error(run + ": was trained without an environment; name one with --env");
  require_environment_named(name);
}
}  // namespace detail

TESSERA_CLI_INLINE void refuse(const CollectCommand& c) {
  if (c.experience)
    for (const auto& flag : c.given)
      if (flag != "run" && flag != "--out" && flag != "--experience" && flag != "--overwrite")
        throw Error(flag +
                    ": nothing is collected with --experience, which gives what the run did; leave one of them "
                    "out");
  for (const auto& each : mixed_runs(c)) RunFolder::config_of(each.run);
  detail::require_named_environment(c.run, c.env);
  require_free_place("--out", c.out, c.overwrite);
}

TESSERA_CLI_INLINE void refuse(const RolloutCommand& c) {
  if (c.frames > 0) film_format(c.plot);
  else picture_name(c.plot);
  detail::require_named_environment(c.run, c.env);
  require_place("--plot", c.plot);
}
}  // namespace tessera::cli
