#pragma once
#include <fmt/format.h>

#include <algorithm>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/registration.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/synonyms.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE std::string space_of(action_kind kind) {
  return kind == action_kind::discrete ? "discrete" : "continuous";
}

TESSERA_CLI_INLINE std::map<std::string, std::vector<AlgorithmEntry>>& catalog() {
  static std::map<std::string, std::vector<AlgorithmEntry>>
      all;  // a function's static: filled by other files' initializers
  return all;
}

namespace detail {
inline const AlgorithmEntry* of_space(const std::vector<AlgorithmEntry>& recipes, const std::string& space) {
  const auto found = std::find_if(recipes.begin(), recipes.end(), [&](const auto& a) { return a.space == space; });
  return found == recipes.end() ? nullptr : &*found;
}
inline bool takes(const AlgorithmEntry& a, const Settings& settings) {
  try {
    a.check(settings);
    return true;
  } catch (const Error&) {
    return false;
  }
}
// The first of them that the recipe has not; empty: it has them all.
inline std::string unknown_key(const AlgorithmEntry& a, const Settings& settings) {
  const auto keys = a.keys();
  for (const auto& [key, value] : settings)
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) return key;
  return "";
}

// "iql, awac, bc": algorithms for those actions, first those of which `name` is a variant ("iql-quantile").
inline std::string serving(const std::string& space, const std::string& name) {
  constexpr std::size_t most = 12;
  std::vector<std::string> names;
  for (const auto& [each, recipes] : catalog())
    if (of_space(recipes, space) != nullptr) names.push_back(each);
  std::stable_partition(names.begin(), names.end(), [&](const auto& each) { return name.starts_with(each + "-"); });
  std::string all;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i) all += (i == 0 ? "" : ", ") + names[i];
  return names.size() <= most ? all : all + ", ... (`" + program_name() + " algorithms` lists all)";
}
}  // namespace detail

TESSERA_CLI_INLINE void add_algorithm(AlgorithmEntry entry) {
  auto& recipes = catalog()[entry.name];
  if (detail::of_space(recipes, entry.space) != nullptr)
    return registered_twice("algorithm", entry.name, " for " + entry.space + " actions");
  const bool first = entry.space == space_of(action_kind::continuous);
  recipes.insert(first ? recipes.begin() : recipes.end(), std::move(entry));
}

TESSERA_CLI_INLINE const std::vector<AlgorithmEntry>& algorithm(const std::string& name) {
  const auto found = catalog().find(name);
  if (found != catalog().end()) return found->second;
  std::vector<std::string> names, recipe_names;
  for (const auto& [known, recipes] : catalog()) {
    names.push_back(known);
    for (const auto& a : recipes) recipe_names.push_back(a.recipe);
  }
  names.insert(names.end(), recipe_names.begin(), recipe_names.end());
  const auto near = meant_algorithm(name, names);
  for (const auto& [known, recipes] : catalog())
    for (const auto& a : recipes)
      if (a.recipe == near && !catalog().contains(near))
        throw Error(fmt::format("unknown algorithm '{}'; write '{}'{} (`{} explain {} --actions {}`)", name, known,
                                recipes.size() < 2 ? "" : ", which is for " + a.space + " actions too", program_name(),
                                known, a.space));
  throw Error("unknown algorithm '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") + " (`" +
              program_name() + " algorithms` lists all)");
}

TESSERA_CLI_INLINE const AlgorithmEntry& algorithm_for(const std::string& about, const std::string& name,
                                                       const std::string& space) {
  const auto& recipes = algorithm(name);
  if (const auto* found = detail::of_space(recipes, space)) return *found;
  const auto others = detail::serving(space, name);
  throw Error(fmt::format("{}, but {} is for {} ones; {}", about, name, recipes.front().space,
                          others.empty() ? "no algorithm of this program is for " + space + " ones"
                                         : "those for " + space + " ones: " + others));
}

TESSERA_CLI_INLINE const AlgorithmEntry* find_algorithm(const std::string& name, const std::string& space) {
  if (const auto found = catalog().find(name); found != catalog().end()) return detail::of_space(found->second, space);
  for (const auto& [known, recipes] : catalog())
    for (const auto& a : recipes)
      if (a.recipe == name && a.space == space) return &a;
  return nullptr;
}

TESSERA_CLI_INLINE const AlgorithmEntry& likeliest(const std::vector<AlgorithmEntry>& recipes,
                                                   const Settings& settings) {
  for (const auto& a : recipes)
    if (detail::takes(a, settings)) return a;
  for (const auto& a : recipes)
    if (detail::unknown_key(a, settings).empty()) return a;
  return recipes.front();
}

TESSERA_CLI_INLINE void require_settings(const AlgorithmEntry& a, const Settings& settings) {
  const auto key = detail::unknown_key(a, settings);
  for (const auto& other : algorithm(a.name))
    if (!key.empty() && detail::unknown_key(other, {{key, ""}}).empty())
      throw Error(
          fmt::format("parameter {} is one of {} for {} actions, and actions are {} here; `{} explain {} "
                      "--actions {}` lists those there are",
                      key, a.name, other.space, a.space, program_name(), a.name, a.space));
  a.check(settings);
}

TESSERA_CLI_INLINE Settings settings(const std::vector<std::string>& set) {
  Settings out;
  for (const auto& s : set) {
    const auto equal = s.find('=');
    if (equal == std::string::npos || equal == 0)
      throw Error("--set takes KEY=VALUE, such as actor.beta=3, not '" + s + "'");
    out.emplace_back(s.substr(0, equal), s.substr(equal + 1));
  }
  return out;
}
}  // namespace tessera::cli
