#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/front.hpp>
#include <tessera/cli/inspect_json.hpp>
#include <tessera/cli/limits.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/cut_episodes.hpp>
#include <tessera/dataset/findings.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/io/write_parts.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace detail {
inline void print(const std::string& what, const Spread& s, const std::string& more = "") {
  fmt::print("  {:<16} mean {:>11.4g}  std {:>11.4g}  min {:>11.4g}  max {:>11.4g}{}\n", what, s.mean, s.std, s.min,
             s.max, more);
}
// What number j of several is called: its name in the file, or its place.
inline std::string called(const std::vector<std::string>& names, std::size_t j) {
  return names.empty() ? fmt::format("[{}]", j) : printable_name(names[j]);
}
// "  bounds [-4.8, inf]" of an observation's number; "" if none is known.
inline std::string bounds_text(const LogSpaces& s, std::size_t j) {
  const auto one = [&](const std::vector<float>& bounds, float none) { return bounds.empty() ? none : bounds[j]; };
  const float low = one(s.observation_low, -INFINITY), high = one(s.observation_high, INFINITY);
  return std::isinf(low) && std::isinf(high) ? "" : fmt::format("  bounds [{:.4g}, {:.4g}]", low, high);
}
// "right", or "3" where it has no name, or "1, 2" where it is several choices.
inline std::string action_called(const LogSpaces& s, std::int64_t action) {
  if (!s.action_names.empty()) return printable_name(s.action_names[std::size_t(action)]);
  if (s.action_factors.empty()) return std::to_string(s.first_action + action);
  std::string out;
  for (const auto choice : tessera::detail::choices_of(action, s.action_factors))
    out += (out.empty() ? "" : ", ") + std::to_string(choice);
  return out;
}
inline std::string task_text(const LogTask& t) {
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  if (!t.environment.empty()) add(printable_name(t.environment));
  if (t.max_steps != 0) add(fmt::format("at most {} steps an episode", t.max_steps));
  if (std::isfinite(t.score_zero) && std::isfinite(t.score_hundred))
    add(fmt::format("normalized score 0 at a return of {:g}, 100 at {:g}", t.score_zero, t.score_hundred));
  return out;
}
}  // namespace detail

TESSERA_CLI_INLINE void inspect(const std::string& source, std::int64_t episode_length, const Reading& reading,
                                bool as_json) {
  auto data = load(source, reading, true);
  if (as_json) require_in_memory(data, "--json");
  if (episode_length != 0) data = cut_episodes(std::move(data), episode_length);
  if (as_json) {
    for (const auto& w : findings(data)) data.warnings.push_back(w);
    std::cout << line_of(inspect_json(data)) << std::endl;
    return;
  }
  const auto s = summarize(data);
  const auto& spaces = data.spaces;
  fmt::print("{} ({}), content hash {}\n", printable(data.name), data.format, hash_text(content_hash(data)));
  fmt::print("  {} rows, {} transitions, {} episodes ({} complete)\n", s.rows, s.transitions, s.episodes,
             s.complete_episodes);
  fmt::print("  terminals {:.3g} %, timeouts {:.3g} % of the transitions\n", 100 * s.terminal_fraction,
             100 * s.timeout_fraction);
  if (const auto task = detail::task_text(data.task); !task.empty()) fmt::print("Task: {}\n", task);
  fmt::print("Episodes\n");
  detail::print("length", s.episode_length);
  detail::print("return", s.episode_return);
  fmt::print("Rewards\n");
  detail::print("reward", s.reward);
  const bool bounded = !spaces.observation_low.empty() || !spaces.observation_high.empty();
  fmt::print("Observations: {} numbers{}\n", data.observation_size,
             bounded ? ", with bounds as the data set declares them" : "");
  constexpr std::size_t max = 64;  // a one-hot state has hundreds
  for (std::size_t j = 0; j < std::min(max, s.observations.size()); ++j)
    detail::print(detail::called(spaces.observation_names, j), s.observations[j], detail::bounds_text(spaces, j));
  if (s.observations.size() > max) fmt::print("  ... and {} more\n", s.observations.size() - max);
  if (data.kind == action_kind::discrete) {
    std::string choices;
    for (const auto factor : spaces.action_factors)
      choices += (choices.empty() ? ", each a choice of " : " times ") + std::to_string(factor);
    fmt::print("Actions: discrete, {} of them{}\n", data.action_size, choices);
    for (std::size_t j = 0; j < s.action_counts.size(); ++j)
      fmt::print("  {:<16} {} ({:.1f} %)\n", detail::action_called(spaces, std::int64_t(j)), s.action_counts[j],
                 100.0 * double(s.action_counts[j]) / double(s.transitions));
  } else {
    fmt::print("Actions: continuous, {} numbers\n", data.action_size);
    for (std::size_t j = 0; j < s.actions.size(); ++j)
      detail::print(detail::called(spaces.action_names, j), s.actions[j]);
    fmt::print("  limits           {}\n", limits_text(data));
  }
  if (data.has_propensities()) {
    fmt::print("Propensities of the logged actions\n");
    detail::print("propensity", s.propensity);
  }
  const auto odd = data.on_disk ? findings(in_memory(data, reading)) : findings(data);
  for (const auto& all : {data.warnings, odd})
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
