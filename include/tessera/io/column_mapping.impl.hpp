#pragma once
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/column_mapping.hpp>
#include <tessera/io/regular_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::mapping {
inline constexpr std::array<const char*, 10> roles = {"episode", "step",       "observation", "action", "reward",
                                                      "done",    "terminated", "truncated",   "next",   "propensity"};
// What else they are called.
inline constexpr std::array<std::pair<const char*, const char*>, 24> synonyms{{{"propensities", "propensity"},
                                                                               {"probability", "propensity"},
                                                                               {"ep", "episode"},
                                                                               {"episodes", "episode"},
                                                                               {"id", "episode"},
                                                                               {"patient", "episode"},
                                                                               {"trajectory", "episode"},
                                                                               {"t", "step"},
                                                                               {"time", "step"},
                                                                               {"obs", "observation"},
                                                                               {"observations", "observation"},
                                                                               {"state", "observation"},
                                                                               {"states", "observation"},
                                                                               {"act", "action"},
                                                                               {"actions", "action"},
                                                                               {"rewards", "reward"},
                                                                               {"rew", "reward"},
                                                                               {"terminal", "terminated"},
                                                                               {"terminals", "terminated"},
                                                                               {"truncation", "truncated"},
                                                                               {"timeout", "truncated"},
                                                                               {"timeouts", "truncated"},
                                                                               {"next_obs", "next"},
                                                                               {"next_observation", "next"}}};

TESSERA_INLINE std::string role_of(const std::string& given, const std::string& where) {
  for (const auto* role : roles)
    if (given == role) return role;
  for (const auto& [name, role] : synonyms)
    if (given == name) return role;
  std::vector<std::string> known(roles.begin(), roles.end());
  const auto near = nearest_name(given, known);
  std::string all;
  for (const auto& each : known) all += (all.empty() ? "" : ", ") + each;
  throw Error(where + ": '" + printable_name(given) + "' is no part of a log; " +
              (near.empty() ? "" : "did you mean '" + near + "'? ") + "there are " + all);
}

// Whether a name matches a pattern of * and ?; `stars` receives what the asterisks stand for.
TESSERA_INLINE bool matches(std::string_view pattern, std::string_view name, std::string* stars = nullptr) {
  // The last asterisk is given one more letter each time the rest does not fit: linear steps in practice, and no
  // recursion.
  std::size_t p = 0, n = 0, star = std::string_view::npos, from = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') star = p++, from = n;
    else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) ++p, ++n;
    else if (star != std::string_view::npos) p = star + 1, n = ++from;
    else return false;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  if (p != pattern.size()) return false;
  if (stars != nullptr) {
    const auto first = pattern.find('*');
    const auto tail = pattern.size() - first - 1;
    *stars = first == std::string_view::npos || name.size() < first + tail
                 ? ""
                 : std::string(name.substr(first, name.size() - first - tail));
  }
  return true;
}
TESSERA_INLINE std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t x = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (text.empty() || text.size() > 9 || code != std::errc{} || end != text.data() + text.size() || x < 0)
    return std::nullopt;
  return x;
}

// The columns of a file, and the error for one that is not there.
class Columns {
 public:
  Columns(const std::vector<ColumnHead>& heads, const std::string& file) : heads_(heads), file_(file) {
    for (std::size_t i = 0; i < heads.size(); ++i) ++count_[heads[i].name], index_.emplace(heads[i].name, i);
  }
  std::optional<std::size_t> find(const std::string& name) const {
    const auto found = index_.find(name);
    if (found == index_.end()) return std::nullopt;
    if (count_.at(name) > 1)
      throw Error(file_ + ": " + std::to_string(count_.at(name)) + " columns are called '" + printable_name(name) +
                  "'; rename them in the file");
    return found->second;
  }
  std::vector<std::size_t> in_group(const std::string& name) const {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < heads_.size(); ++i)
      if (heads_[i].name.starts_with(name + "/")) all.push_back(i);
    return all;
  }
  [[noreturn]] void missing(const std::string& role, const std::string& name) const {
    std::vector<std::string> names;
    std::string all;
    constexpr std::size_t max = 24;
    for (const auto& each : heads_) {
      if (names.size() < 4096) {
        names.push_back(each.name);
        if (const auto slash = each.name.find('/'); slash != std::string::npos)
          names.push_back(each.name.substr(0, slash));
      }
    }
    for (std::size_t i = 0; i < std::min(max, heads_.size()); ++i)
      all += (i == 0 ? "" : ", ") + printable_name(heads_[i].name);
    const auto near = nearest_name(name, names);
    throw Error(file_ + ": " + role + "=" + printable_name(name) + ": there is no such column" +
                (near.empty() ? "" : "; did you mean '" + printable_name(near) + "'?") + " (there are " + all +
                (heads_.size() > max ? ", ... " + std::to_string(heads_.size()) + " in all" : "") + ")");
  }
  const std::vector<ColumnHead>& heads() const { return heads_; }
  const std::string& file() const { return file_; }

 private:
  const std::vector<ColumnHead>& heads_;
  std::string file_;
  std::map<std::string, std::size_t> index_, count_;
};

// obs_0..obs_38: by number, where both ends are a common text and a number; otherwise by their place in the file.
TESSERA_INLINE std::vector<std::size_t> range(const Columns& columns, const std::string& role, const std::string& first,
                                              const std::string& last) {
  const auto a = columns.find(first), b = columns.find(last);
  if (!a) columns.missing(role, first);
  if (!b) columns.missing(role, last);
  const auto digits = [](const std::string& text) {
    const auto at = text.find_last_not_of("0123456789");
    return at == std::string::npos ? 0 : at + 1;
  };
  const auto i = digits(first), j = digits(last);
  const auto low = number_of(std::string_view(first).substr(i)), high = number_of(std::string_view(last).substr(j));
  std::vector<std::size_t> out;
  if (low && high && first.substr(0, i) == last.substr(0, j) && *high - *low < std::int64_t(columns.heads().size())) {
    const bool padded = first.size() == last.size();
    for (auto k = *low; k <= *high; ++k) {
      auto text = std::to_string(k);
      if (padded && text.size() < first.size() - i) text.insert(0, first.size() - i - text.size(), '0');
      const auto name = first.substr(0, i) + text;
      const auto found = columns.find(name);
      if (!found) columns.missing(role, name);
      out.push_back(*found);
    }
  } else {
    for (auto k = *a; k <= *b; ++k) out.push_back(k);
  }
  if (out.empty())
    throw Error(columns.file() + ": " + role + "=" + printable_name(first) + ".." + printable_name(last) +
                ": the second stands before the first; exchange them");
  return out;
}
}  // namespace tessera::mapping

namespace tessera {
TESSERA_INLINE ColumnMapping ColumnMapping::parse(std::string_view text, const std::string& where) {
  ColumnMapping out;
  const auto add = [&](const std::string& name, std::vector<std::string> items) {
    const auto role = mapping::role_of(name, where);
    if (items.empty() || std::any_of(items.begin(), items.end(), [](const auto& x) { return x.empty(); }))
      throw Error(where + ": " + role + " names no column; write " + role + "=NAME");
    if (!out.roles_.emplace(role, std::move(items)).second)
      throw Error(where + ": " + role + " is given twice; write several columns with colons between them");
  };
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) throw Error(where + ": is empty; write observation=NAME:NAME,action=NAME,...");
  if (text[first] == '{') {
    const auto fail = [&] {
      return Error(where + R"(: is not a mapping in JSON; write {"observation": ["NAME", "NAME"], "action": "NAME"})");
    };
    int deepest = 0;
    const auto all = nlohmann::json::parse(
        text,
        [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
          return (deepest = std::max(deepest, depth)) < 4;
        },
        false);
    if (deepest >= 4 || !all.is_object()) throw fail();
    for (const auto& [name, value] : all.items()) {
      std::vector<std::string> items;
      if (value.is_string()) items = {value.get<std::string>()};
      else if (value.is_array() && std::all_of(value.begin(), value.end(), [](const auto& x) { return x.is_string(); }))
        items = value.get<std::vector<std::string>>();
      else throw fail();
      add(name, std::move(items));
    }
  } else {
    for (const auto& part : split_at(text, ',')) {
      const auto equals = part.find('=');
      if (equals == std::string::npos || equals == 0)
        throw Error(where + ": '" + printable_name(part) +
                    "' is not ROLE=COLUMN; several columns have colons between them, as in observation=age:hr");
      add(part.substr(0, equals), split_at(std::string_view(part).substr(equals + 1), ':'));
    }
  }
  for (const char* role : {"observation", "action"})
    if (!out.roles_.contains(role))
      throw Error(where + ": names no " + role + "; add " + role + "=NAME" +
                  (role[0] == 'o' ? ", several with colons between them, or a pattern, as in obs_*" : ""));
  return out;
}
TESSERA_INLINE const std::vector<std::string>& ColumnMapping::items(const std::string& role) const {
  static const std::vector<std::string> none;
  const auto found = roles_.find(role);
  return found == roles_.end() ? none : found->second;
}

TESSERA_INLINE ChosenColumns choose_columns(const std::vector<ColumnHead>& heads, const ColumnMapping& mapping,
                                            const std::string& file) {
  const mapping::Columns columns(heads, file);
  std::vector<const char*> role_of(heads.size(), nullptr);
  const auto use = [&](const std::vector<std::size_t>& found, const char* role) {
    for (const auto i : found) {
      if (role_of[i] != nullptr)
        throw Error(file + ": column '" + printable_name(heads[i].name) + "' is named for " + role_of[i] + " and for " +
                    role + "; name it once");
      role_of[i] = role;
    }
  };
  const auto is_pattern = [&](const std::string& item) {
    return item.find_first_of("*?") != std::string::npos && !columns.find(item);
  };
  // Names and ranges.
  const auto named = [&](const std::string& role, const std::string& item) -> std::vector<std::size_t> {
    if (const auto exact = columns.find(item)) return {*exact};
    if (auto group = columns.in_group(item); !group.empty()) return group;
    if (const auto dots = item.find(".."); dots != std::string::npos && dots > 0 && dots + 2 < item.size())
      return mapping::range(columns, role, item.substr(0, dots), item.substr(dots + 2));
    columns.missing(role, item);
  };
  // Columns that are named first: a pattern takes what they leave.  A place for each item keeps the order.
  std::map<std::string, std::vector<std::vector<std::size_t>>> found;
  for (const char* role : mapping::roles) {
    const auto& items = mapping.items(role);
    auto& places = found[role];
    places.resize(items.size());
    if (std::string_view(role) == "next") continue;
    for (std::size_t k = 0; k < items.size(); ++k)
      if (!is_pattern(items[k])) places[k] = named(role, items[k]), use(places[k], role);
  }
  const auto by_pattern = [&](const char* role, const std::string& item) {
    std::vector<std::pair<std::optional<std::int64_t>, std::size_t>> all;
    bool numbered = true;
    for (std::size_t i = 0; i < heads.size(); ++i) {
      std::string stars;
      if (role_of[i] != nullptr || !mapping::matches(item, heads[i].name, &stars)) continue;
      all.emplace_back(mapping::number_of(stars), i);
      numbered = numbered && all.back().first;
    }
    if (all.empty()) columns.missing(role, item);
    if (numbered) std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) { return *a.first < *b.first; });
    std::vector<std::size_t> out;
    for (const auto& each : all) out.push_back(each.second);
    use(out, role);
    return out;
  };
  // The next columns: of each observation's name, or as the others.
  ChosenColumns out;
  const auto flat = [&](const char* role) {
    std::vector<std::size_t> all;
    for (const auto& place : found[role]) all.insert(all.end(), place.begin(), place.end());
    return all;
  };
  const auto& given = mapping.items("next");
  const auto made_of_names = [&](const std::string& item, const std::vector<std::size_t>& observation) {
    std::vector<std::size_t> all;
    const auto star = item.find('*');
    for (const auto i : observation) {
      const auto name = star == std::string::npos ? item + heads[i].name
                                                  : item.substr(0, star) + heads[i].name + item.substr(star + 1);
      const auto at = columns.find(name);
      if (!at) return std::vector<std::size_t>{};
      all.push_back(*at);
    }
    return all;
  };
  const bool one_next = given.size() == 1 && !columns.find(given[0]) && columns.in_group(given[0]).empty() &&
                        given[0].find("..") == std::string::npos;
  // Those of a prefix are set aside before patterns take what is left.
  if (one_next && given[0].find('*') == std::string::npos)
    for (std::size_t i = 0; i < heads.size(); ++i)
      if (role_of[i] == nullptr && heads[i].name.starts_with(given[0])) role_of[i] = "next";
  if (!one_next)
    for (std::size_t k = 0; k < given.size(); ++k)
      if (!is_pattern(given[k])) found["next"][k] = named("next", given[k]), use(found["next"][k], "next");
  for (const char* role : mapping::roles) {
    if (std::string_view(role) == "next") continue;
    const auto& items = mapping.items(role);
    for (std::size_t k = 0; k < items.size(); ++k)
      if (is_pattern(items[k])) found[role][k] = by_pattern(role, items[k]);
  }
  const auto one = [&](const char* role) -> std::optional<std::size_t> {
    const auto all = flat(role);
    if (all.empty()) return std::nullopt;
    if (all.size() > 1) throw Error(file + ": " + role + " names " + std::to_string(all.size()) + " columns; name one");
    if (heads[all[0]].width != 1)
      throw Error(file + ": " + role + "=" + printable_name(heads[all[0]].name) + " has " +
                  std::to_string(heads[all[0]].width) + " numbers in a row; name a column of one");
    return all[0];
  };
  out.episode = flat("episode"), out.observation = flat("observation"), out.action = flat("action");
  out.step = one("step"), out.reward = one("reward"), out.done = one("done"), out.terminated = one("terminated"),
  out.truncated = one("truncated"), out.propensity = one("propensity");
  if (one_next) {
    out.next = made_of_names(given[0], out.observation);
    if (out.next.empty() && given[0].find_first_of("*?") != std::string::npos) out.next = by_pattern("next", given[0]);
    if (out.next.empty())
      columns.missing("next",
                      given[0].find('*') == std::string::npos ? given[0] + heads[out.observation[0]].name : given[0]);
  } else {
    for (std::size_t k = 0; k < given.size(); ++k)
      if (is_pattern(given[k])) found["next"][k] = by_pattern("next", given[k]);
    out.next = flat("next");
  }
  const auto numbers = [&](const std::vector<std::size_t>& all) {
    std::int64_t n = 0;
    for (const auto i : all) n += heads[i].width;
    return n;
  };
  if (!out.next.empty() && numbers(out.next) != numbers(out.observation))
    throw Error(file + ": next names " + std::to_string(numbers(out.next)) + " numbers, and observation " +
                std::to_string(numbers(out.observation)) + "; name the next one of each");
  for (const auto i : out.episode)
    if (heads[i].width != 1)
      throw Error(file + ": episode=" + printable_name(heads[i].name) + " has " + std::to_string(heads[i].width) +
                  " numbers in a row; name a column of one");
  return out;
}
}  // namespace tessera

namespace tessera::mapping {
using Names = std::vector<const char*>;
// Names that leave no doubt, in small letters and with _ for other signs; the likelier ones first.
inline const Names episodes = {"episode",    "episode_id", "episode_index", "episodeid",     "ep",
                               "traj",       "traj_id",    "trajectory",    "trajectory_id", "stay_id",
                               "icustay_id", "icustayid",  "hadm_id",       "patient",       "patient_id",
                               "patientid",  "subject_id", "session_id",    "run_id"};
inline const Names steps = {"t",          "step",    "timestep",    "time_step", "time_index",
                            "step_index", "step_id", "frame_index", "timestamp", "datetime",
                            "time",       "date",    "bloc",        "charttime"};
inline const Names rewards = {"reward", "rewards", "rew", "r", "next_reward"};
inline const Names dones = {"done", "dones", "next_done", "is_done"};
inline const Names terminations = {"terminated", "terminal", "terminals", "termination", "terminations", "is_terminal"};
inline const Names truncations = {"truncated", "truncation", "truncations", "timeout", "timeouts"};
inline const Names propensities = {"propensity", "propensities", "behavior_probability", "action_probability"};
inline const Names actions = {"action", "actions", "act", "a"};
inline const Names observations = {"observation", "observations", "obs", "state", "states", "s", "observation_state"};
inline const Names nexts = {"next_observation", "next_observations", "next_obs", "obs_next",
                            "observation_next", "observations_next", "obs2",     "next_state",
                            "next_states",      "state_next",        "s2"};

TESSERA_INLINE std::string plain(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    out += std::isalnum(u) != 0 ? char(std::tolower(u)) : '_';
  }
  return out;
}
}  // namespace tessera::mapping

namespace tessera {
TESSERA_INLINE ChosenColumns guess_columns(const std::vector<ColumnHead>& heads) {
  std::vector<std::string> names;
  std::map<std::string, std::size_t> at;
  std::vector<std::uint8_t> used(heads.size(), 0);
  for (std::size_t i = 0; i < heads.size(); ++i)
    names.push_back(mapping::plain(heads[i].name)), at.emplace(names[i], i);
  const auto first_of = [&](const mapping::Names& known, bool of_one) -> std::optional<std::size_t> {
    for (const auto* name : known)
      if (const auto found = at.find(name);
          found != at.end() && used[found->second] == 0 && (!of_one || heads[found->second].width == 1)) {
        used[found->second] = 1;
        return found->second;
      }
    return std::nullopt;
  };
  ChosenColumns out;
  if (const auto episode = first_of(mapping::episodes, true)) out.episode = {*episode};
  out.step = first_of(mapping::steps, true), out.reward = first_of(mapping::rewards, true),
  out.done = first_of(mapping::dones, true), out.terminated = first_of(mapping::terminations, true),
  out.truncated = first_of(mapping::truncations, true), out.propensity = first_of(mapping::propensities, true);
  // One of them, a group, or a family: obs_0, obs_1, ...
  const auto part = [&](const mapping::Names& known, bool letters) {
    std::vector<std::size_t> all;
    if (const auto one = first_of(known, false)) return std::vector<std::size_t>{*one};
    for (const auto* name : known) {
      const auto head = std::string(name) + "_";
      for (std::size_t i = 0; i < heads.size(); ++i) {
        if (used[i] != 0 || !names[i].starts_with(head) || heads[i].text) continue;
        const auto rest = std::string_view(names[i]).substr(head.size());
        // One letter and a word, as in a_max, may be anything.
        const bool digits = rest.find_first_not_of("0123456789_") == std::string_view::npos;
        if (digits || (letters && head.size() > 2)) all.push_back(i);
      }
      if (!all.empty()) break;
    }
    for (const auto i : all) used[i] = 1;
    return all;
  };
  out.next = part(mapping::nexts, true);
  out.action = part(mapping::actions, true);
  out.observation = part(mapping::observations, true);
  const auto next_of = [&](std::size_t i) -> std::optional<std::size_t> {
    for (const auto& name : {"next_" + names[i], names[i] + "_next"})
      if (const auto found = at.find(name); found != at.end()) return found->second;
    return std::nullopt;
  };
  if (out.observation.empty()) {  // what has a next one is an observation
    out.next.clear();
    for (std::size_t i = 0; i < heads.size(); ++i)
      if (used[i] == 0 && !heads[i].text)
        if (const auto after = next_of(i)) out.observation.push_back(i), out.next.push_back(*after);
  } else if (out.next.size() != out.observation.size()) {
    out.next.clear();
    for (const auto i : out.observation)
      if (const auto after = next_of(i)) out.next.push_back(*after);
    if (out.next.size() != out.observation.size()) out.next.clear();
  }
  return out;
}
TESSERA_INLINE bool is_enough(const ChosenColumns& c) {
  return !c.observation.empty() && !c.action.empty() && c.reward &&
         (!c.episode.empty() || c.done || c.terminated || c.truncated);
}

TESSERA_INLINE std::string mapping_text(const std::vector<ColumnHead>& heads, const ChosenColumns& chosen) {
  const auto plain = [&](std::size_t i) {
    return !heads[i].name.empty() && heads[i].name.find_first_of(",:=*?&%\"' ") == std::string::npos;
  };
  const mapping::Columns columns(heads, "");
  const auto is_range = [&](const char* role, const std::vector<std::size_t>& all) {
    for (std::size_t k = 0; k + 1 < all.size(); ++k)
      if (all[k + 1] != all[k] + 1) return false;
    try {  // ends with numbers say more than what stands between them
      return mapping::range(columns, role, heads[all.front()].name, heads[all.back()].name) == all;
    } catch (const Error&) {
      return false;
    }
  };
  std::string out;
  const auto add = [&](const char* role, const std::vector<std::size_t>& all) {
    if (all.empty()) return;
    std::string text;
    if (all.size() > 6 && plain(all.front()) && plain(all.back()) && is_range(role, all))
      text = printable_name(heads[all.front()].name) + ".." + printable_name(heads[all.back()].name);
    else
      for (const auto i : all) text += (text.empty() ? "" : ":") + printable_name(heads[i].name);
    out += (out.empty() ? "" : ",") + std::string(role) + "=" + text;
  };
  const auto one = [&](const char* role, const std::optional<std::size_t>& i) {
    if (i) add(role, {*i});
  };
  add("episode", chosen.episode), one("step", chosen.step), add("observation", chosen.observation),
      add("action", chosen.action), one("reward", chosen.reward), one("done", chosen.done),
      one("terminated", chosen.terminated), one("truncated", chosen.truncated), one("propensity", chosen.propensity);
  if (chosen.next.empty()) return out;
  bool prefixed = true;
  for (std::size_t k = 0; k < chosen.next.size(); ++k)
    prefixed = prefixed && heads[chosen.next[k]].name == "next_" + heads[chosen.observation[k]].name;
  if (prefixed) return out + ",next=next_";
  add("next", chosen.next);
  return out;
}

TESSERA_INLINE std::string likely_mapping(const std::vector<ColumnHead>& heads) {
  auto chosen = guess_columns(heads);
  std::vector<std::uint8_t> used(heads.size(), 0);
  const auto use = [&](const std::vector<std::size_t>& all) {
    for (const auto i : all) used[i] = 1;
  };
  use(chosen.episode), use(chosen.observation), use(chosen.action), use(chosen.next);
  for (const auto& one :
       {chosen.step, chosen.reward, chosen.done, chosen.terminated, chosen.truncated, chosen.propensity})
    if (one) used[*one] = 1;
  const auto free = [&](std::size_t i) {
    return used[i] == 0 && !heads[i].text && !heads[i].name.empty() &&
           heads[i].name.find_first_of(",:=*?&%\"' ") == std::string::npos && !heads[i].name.starts_with("__index") &&
           heads[i].name != "index" && !heads[i].name.starts_with("Unnamed");
  };
  // Logs are written in the order in which things happen: the action stands before the reward.
  const auto last_free = [&](std::size_t before) -> std::optional<std::size_t> {
    for (auto i = before; i-- > 0;)
      if (free(i) && heads[i].width == 1) {
        used[i] = 1;
        return i;
      }
    return std::nullopt;
  };
  if (!chosen.reward) chosen.reward = last_free(heads.size());
  if (chosen.action.empty()) {
    auto i = last_free(chosen.reward.value_or(heads.size()));
    if (!i) i = last_free(heads.size());  // keys in the order of the alphabet
    if (i) chosen.action = {*i};
  }
  if (chosen.observation.empty())
    for (std::size_t i = 0; i < heads.size(); ++i)
      if (free(i)) chosen.observation.push_back(i);
  if (chosen.observation.empty() || chosen.action.empty()) return "";
  return mapping_text(heads, chosen);
}

TESSERA_INLINE std::string read_mapping(const std::string& given) {
  if (!given.starts_with('@')) return given;
  const RegularFile file(given.substr(1), "a file with a mapping in JSON");
  constexpr std::uint64_t max = 1 << 20;
  if (file.size() > max) throw Error(file.path() + ": is longer than a mapping of columns is; give another file");
  std::string text(std::size_t(file.size()), '\0');
  text.resize(file.read(0, text.data(), text.size()));
  ColumnMapping::parse(text, file.path());
  // Without its line breaks, for it becomes a part of the data set's name.
  if (const auto first = text.find_first_not_of(" \t\r\n"); text[first] == '{')
    return nlohmann::json::parse(text).dump(-1, ' ', true);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
  return text;
}
}  // namespace tessera
