#pragma once
#include <algorithm>

#include <tessera/eval/normalized_score.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
// A task, and what may follow in the name of a data set of it, one word and a comma for each; ',' alone stands for the
// task's own name.
struct ScoredTask {
  std::string_view name, data;
  ScoreReference between;
  int version = -1;                 // the only one that the reference is of; -1: any
  std::string_view gymnasium = {};  // what it is called there, if that is another name
};

inline constexpr std::string_view locomotion_data = ",random,medium,expert,medium-replay,full-replay,medium-expert,";
inline constexpr std::string_view bullet_data = ",random,medium,expert,medium-replay,medium-expert,";
inline constexpr std::string_view adroit_data = ",human,cloned,expert,";
inline constexpr std::string_view kitchen_data = "complete,partial,mixed,";

// clang-format off
inline constexpr ScoredTask scored_tasks[] = {
    {"halfcheetah",         locomotion_data,     {-280.178953, 12135.0}},
    {"hopper",              locomotion_data,     {-20.272305, 3234.3}},
    {"walker2d",            locomotion_data,     {1.629008, 4592.3}},
    {"ant",                 locomotion_data,     {-325.6, 3879.7}},
    {"maze2d-open",         ",",                 {0.01, 20.66}, 0},
    {"maze2d-umaze",        ",",                 {23.85, 161.86}, 1},
    {"maze2d-medium",       ",",                 {13.13, 277.39}, 1},
    {"maze2d-large",        ",",                 {6.7, 273.99}, 1},
    {"maze2d-open-dense",   ",",                 {11.17817, 27.166538620695782}, 0},
    {"maze2d-umaze-dense",  ",",                 {68.537689, 193.66285642381482}, 1},
    {"maze2d-medium-dense", ",",                 {44.264742, 297.4552547777125}, 1},
    {"maze2d-large-dense",  ",",                 {30.569041, 303.4857382709002}, 1},
    {"antmaze-umaze",       ",diverse,",         {0, 1}},
    {"antmaze-medium",      "play,diverse,",     {0, 1}},
    {"antmaze-large",       "play,diverse,",     {0, 1}},
    {"pen",                 adroit_data,         {96.262799, 3076.8331017826877}, -1, "adroithandpen"},
    {"hammer",              adroit_data,         {-274.856578, 12794.134825156867}, -1, "adroithandhammer"},
    {"door",                adroit_data,         {-56.512833, 2880.5693087298737}, -1, "adroithanddoor"},
    {"relocate",            adroit_data,         {-6.425911, 4233.877797728884}, -1, "adroithandrelocate"},
    {"kitchen",             kitchen_data,        {0, 4}},
    {"minigrid-fourrooms",  ",random,",          {0.01442, 2.89685}},
    {"flow-ring",           "random,controller,", {-165.22, 24.42}},
    {"flow-merge",          "random,controller,", {118.67993, 330.03179}},
    {"carla-lane",          ",",                 {-0.8503839912088142, 1023.5784385429523}},
    {"carla-town",          ",",                 {-114.81579500772153, 2440.1772022247314}},
    {"bullet-halfcheetah",  bullet_data,         {-1275.766996, 2381.6725}},
    {"bullet-hopper",       bullet_data,         {20.058972, 1441.8059623430963}},
    {"bullet-ant",          bullet_data,         {373.705955, 2650.495}},
    {"bullet-walker2d",     bullet_data,         {16.523877, 1623.6476303317536}},
    {"bullet-maze2d-open",   ",",                {8.75, 64.15}},
    {"bullet-maze2d-umaze",  ",",                {32.46, 153.99}},
    {"bullet-maze2d-medium", ",",                {14.87, 238.05}},
    {"bullet-maze2d-large",  ",",                {1.82, 285.92}},
};
// clang-format on

// Whether `word` is one of a list in which a comma follows each; the list ",a,b," has the empty word, "a,b," has not.
inline bool is_listed(std::string_view list, std::string_view word) {
  for (std::size_t from = 0; from < list.size();) {
    const auto comma = list.find(',', from);
    if (list.substr(from, comma - from) == word) return true;
    from = comma + 1;
  }
  return false;
}
}  // namespace detail

TESSERA_INLINE std::optional<ScoreReference> d4rl_reference(std::string_view given) {
  given = given.substr(0, given.find('?'));
  given = given.substr(given.rfind(':') + 1);  // npos + 1 is 0
  std::string name(given);
  // D4RL's files, hopper_medium-v2, and not Gymnasium's AntMaze_UMaze-v5, which is another task than antmaze-umaze-v2.
  const bool capitals = std::any_of(name.begin(), name.end(), [](char x) { return x >= 'A' && x <= 'Z'; });
  for (char& x : name) x = x == '_' && !capitals ? '-' : x >= 'A' && x <= 'Z' ? char(x - 'A' + 'a') : x;
  int version = -1;
  if (const auto mark = name.rfind("-v"); mark != std::string::npos && mark + 2 < name.size() &&
                                          name.size() - mark <= 5 &&
                                          name.find_first_not_of("0123456789", mark + 2) == std::string::npos) {
    version = std::stoi(name.substr(mark + 2));
    name.resize(mark);
  }
  for (const auto& task : detail::scored_tasks) {
    if (version >= 0 && task.version >= 0 && version != task.version) continue;
    if (!task.gymnasium.empty() && name == task.gymnasium) return task.between;
    if (!name.starts_with(task.name)) continue;
    const auto rest = std::string_view(name).substr(task.name.size());
    if (!rest.empty() && (rest.front() != '-' || rest.size() == 1)) continue;
    if (detail::is_listed(task.data, rest.empty() ? rest : rest.substr(1))) return task.between;
  }
  return std::nullopt;
}

TESSERA_INLINE std::vector<std::string> d4rl_tasks() {
  std::vector<std::string> out;
  for (const auto& task : detail::scored_tasks) out.emplace_back(task.name);
  return out;
}
}  // namespace tessera
