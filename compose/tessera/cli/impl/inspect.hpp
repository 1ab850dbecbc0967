#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/front.hpp>
#include <tessera/cli/limits.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/cut_episodes.hpp>
#include <tessera/dataset/findings.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace detail {
inline void print(const std::string& what, const Spread& s) {
  fmt::print("  {:<16} mean {:>11.4g}  std {:>11.4g}  min {:>11.4g}  max {:>11.4g}\n", what, s.mean, s.std, s.min,
             s.max);
}
}  // namespace detail

TESSERA_CLI_INLINE void inspect(const std::string& source, std::int64_t episode_length, const Reading& reading) {
  auto data = load(source, reading);
  if (episode_length != 0) data = cut_episodes(std::move(data), episode_length);
  const auto s = summarize(data);
  fmt::print("{} ({}), content hash {}\n", printable(data.name), data.format, hash_text(content_hash(data)));
  fmt::print("  {} rows, {} transitions, {} episodes ({} complete)\n", s.rows, s.transitions, s.episodes,
             s.complete_episodes);
  fmt::print("  terminals {:.3g} %, timeouts {:.3g} % of the transitions\n", 100 * s.terminal_fraction,
             100 * s.timeout_fraction);
  fmt::print("Episodes\n");
  detail::print("length", s.episode_length);
  detail::print("return", s.episode_return);
  fmt::print("Rewards\n");
  detail::print("reward", s.reward);
  fmt::print("Observations: {} numbers\n", data.observation_size);
  constexpr std::size_t max = 64;  // a one-hot state has hundreds
  for (std::size_t j = 0; j < std::min(max, s.observations.size()); ++j)
    detail::print(fmt::format("[{}]", j), s.observations[j]);
  if (s.observations.size() > max) fmt::print("  ... and {} more\n", s.observations.size() - max);
  if (data.kind == action_kind::discrete) {
    fmt::print("Actions: discrete, {} of them\n", data.action_size);
    for (std::size_t j = 0; j < s.action_counts.size(); ++j)
      fmt::print("  {:<16} {} ({:.1f} %)\n", j, s.action_counts[j],
                 100.0 * double(s.action_counts[j]) / double(s.transitions));
  } else {
    fmt::print("Actions: continuous, {} numbers\n", data.action_size);
    for (std::size_t j = 0; j < s.actions.size(); ++j) detail::print(fmt::format("[{}]", j), s.actions[j]);
    fmt::print("  limits           {}\n", limits_text(data));
  }
  for (const auto& all : {data.warnings, findings(data)})
    for (const auto& w : all) fmt::print("warning [{}]: {}\n", w.name, printable(w.message));
}

TESSERA_CLI_INLINE void list_algorithms() {
  fmt::print("| algorithm | actions | slots |\n|---|---|---|\n");
  for (const auto& [name, a] : catalog()) fmt::print("| `{}` | {} | {} |\n", name, a.space, a.slots);
}

TESSERA_CLI_INLINE void explain(const std::string& name, const std::vector<std::string>& set) {
  algorithm(name).explain(std::cout, settings(set));
}
}  // namespace tessera::cli
