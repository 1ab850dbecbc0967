#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

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

namespace detail {
// "policy<GaussianPolicy> actor<BehaviorCloning>", slot by slot.
inline std::vector<std::string> slots_in(const std::string& line) {
  std::vector<std::string> out(1);
  int depth = 0;
  for (const char c : line) {
    depth += c == '<' ? 1 : c == '>' ? -1 : 0;
    if (c == ' ' && depth == 0) out.emplace_back();
    else out.back() += c;
  }
  return out;
}
// The slots of an algorithm's second recipe: where it fills the same ones, those that it fills otherwise.
inline std::string slots_beside(const std::string& first, const std::string& second) {
  const auto a = slots_in(first), b = slots_in(second);
  const auto same_slot = [](const std::string& x, const std::string& y) {
    return x.substr(0, x.find('<')) == y.substr(0, y.find('<'));
  };
  if (!std::equal(a.begin(), a.end(), b.begin(), b.end(), same_slot)) return second;
  std::string out = "the same with";
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) out += " " + b[i];
  return out;
}
}  // namespace detail

TESSERA_CLI_INLINE void list_algorithms() {
  fmt::print("| algorithm | actions | slots |\n|---|---|---|\n");
  for (const auto& [name, recipes] : catalog()) {
    const auto& first = recipes.front();
    std::string spaces = first.space, slots = first.slots;
    for (std::size_t i = 1; i < recipes.size(); ++i) {
      spaces += ", " + recipes[i].space;
      slots += "; " + recipes[i].space + ": " + detail::slots_beside(first.slots, recipes[i].slots);
    }
    fmt::print("| `{}` | {} | {} |\n", name, spaces, slots);
  }
}

TESSERA_CLI_INLINE void explain(const std::string& name, const std::vector<std::string>& set,
                                const std::string& actions) {
  const auto given = settings(set);
  const auto& recipes = algorithm(name);
  const auto& a = actions.empty() ? likeliest(recipes, given) : algorithm_for("--actions " + actions, name, actions);
  require_settings(a, given);
  std::cout << name << " for " << a.space << " actions";
  for (const auto& other : recipes)
    if (other.space != a.space)
      std::cout << "; for " << other.space << " ones: " << program_name() << " explain " << name << " --actions "
                << other.space;
  std::cout << "\n\n";
  a.explain(std::cout, given);
}
}  // namespace tessera::cli
