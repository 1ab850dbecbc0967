#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>

/// A data set beside what the format's own software makes of the same file: NAME.expected.json of the shared data.
namespace support {
struct ExpectedOptions {
  /// What is not compared: "steps", "episode_returns", "columns/action", "transitions/second", ...
  std::set<std::string> skip{};
  /// Discrete numbers of an observation that the reader writes as one column per value: the leaf's name ("mode"), and
  /// what its first column stands for.
  std::map<std::string, double> one_hot{};
  /// The order of a file's leaves, where the observation columns have no names: default is the order in the json.
  std::vector<std::string> leaves{};
};

/// Compares all that both hold.  A message names the file and the field before each comparison that fails.
class Expected {
 public:
  using json = nlohmann::ordered_json;

  explicit Expected(const std::string& path, ExpectedOptions options = {}) : options_(std::move(options)), path_(path) {
    std::ifstream file(path);
    REQUIRE(file);
    all_ = json::parse(file);
  }
  const json& field(const std::string& name) const { return all_.at(name); }

  void check(const tessera::Dataset& data) const {
    INFO(path_ << " against " << data.name);
    counts(data);
    episodes(data);
    columns(data);
    transitions(data);
  }

 private:
  using Values = std::vector<double>;

  bool wanted(const std::string& name, const std::string& under = "") const {
    return all_.contains(name) && !all_.at(name).is_null() &&
           options_.skip.count(under.empty() ? name : name + "/" + under) == 0;
  }
  static bool near(double a, double b, double scale) {
    return std::abs(a - b) <= 1e-5 * std::max(std::abs(b), scale) + 1e-9;
  }

  void counts(const tessera::Dataset& data) const {
    std::int64_t rows = 0, terminals = 0, truncated = 0;
    for (const auto& e : data.episodes) rows += e.rows, truncated += end_of(data, e) == "truncated";
    for (const auto t : data.terminals) terminals += t;
    if (wanted("episodes")) {
      INFO("episodes");
      CHECK(std::int64_t(data.episodes.size()) == all_["episodes"].get<std::int64_t>());
    }
    if (wanted("steps")) {
      INFO("steps");
      CHECK(rows == all_["steps"].get<std::int64_t>());
    }
    if (wanted("terminations")) {  // also those within an episode
      INFO("terminations");
      CHECK(terminals == all_["terminations"].get<std::int64_t>());
    }
    if (wanted("truncations")) {  // of a row with both marks the termination counts
      INFO("truncations");
      CHECK(truncated ==
            all_["truncations"].get<std::int64_t>() - all_.value("both_terminated_and_truncated", std::int64_t(0)));
    }
  }

  static std::string end_of(const tessera::Dataset& data, const tessera::Episode& e) {
    if (!e.complete) return "none";
    const auto last = e.first + e.transitions - 1;
    return e.transitions > 0 && data.terminals[std::size_t(last)] != 0 ? "terminated" : "truncated";
  }

  void episodes(const tessera::Dataset& data) const {
    const auto count = [&](const char* name) { return std::min(data.episodes.size(), all_[name].size()); };
    const double largest = largest_reward(data);
    if (wanted("episode_lengths"))
      for (std::size_t e = 0; e < count("episode_lengths"); ++e) {
        INFO("episode_lengths of episode " << e);
        CHECK(data.episodes[e].rows == all_["episode_lengths"][e].get<std::int64_t>());
      }
    if (wanted("episode_returns"))
      for (std::size_t e = 0; e < count("episode_returns"); ++e) {
        if (!all_["episode_returns"][e].is_number()) continue;
        INFO("episode_returns of episode " << e);
        const double expected = all_["episode_returns"][e];
        CAPTURE(data.episodes[e].episode_return, expected);
        CHECK(near(data.episodes[e].episode_return, expected, largest));
      }
    if (wanted("episode_end"))
      for (std::size_t e = 0; e < count("episode_end"); ++e) {
        INFO("episode_end of episode " << e);
        const auto expected = all_["episode_end"][e].get<std::string>();
        CHECK(end_of(data, data.episodes[e]) == (expected == "both" ? "terminated" : expected));
      }
  }
  static double largest_reward(const tessera::Dataset& data) {
    double out = 0;
    for (const float r : data.rewards) out = std::max(out, double(std::abs(r)));
    return out;
  }

  // ---- Columns

  static std::size_t size_of(const json& shape) {
    std::size_t n = 1;
    for (const auto& s : shape) n *= s.get<std::size_t>();
    return n;
  }
  // The leaves of an observation (or action), without the word before them, and how many numbers each has.
  std::vector<std::pair<std::string, std::size_t>> leaves_of(const std::string& what) const {
    std::vector<std::pair<std::string, std::size_t>> out;
    for (const auto& [key, column] : all_.at("columns").items())
      if (key == what) out.emplace_back("", size_of(column["row_shape"]));
      else if (key.starts_with(what + "/")) out.emplace_back(key.substr(what.size() + 1), size_of(column["row_shape"]));
    if (what == "observation" && !options_.leaves.empty())
      std::sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
        const auto place = [&](const auto& x) {
          return std::find(options_.leaves.begin(), options_.leaves.end(), x.first) - options_.leaves.begin();
        };
        return place(a) < place(b);
      });
    return out;
  }
  // Which observation columns a leaf is: by name where the columns have names, else by place.
  std::vector<std::size_t> columns_of(const tessera::Dataset& data, const std::string& leaf) const {
    std::vector<std::size_t> out;
    const auto& names = data.spaces.observation_names;
    const auto n = std::size_t(data.observation_size);
    if (leaf.empty()) {
      for (std::size_t j = 0; j < n; ++j) out.push_back(j);
      return out;
    }
    for (std::size_t j = 0; j < names.size(); ++j)
      if (names[j] == leaf || names[j].starts_with(leaf + "[") || names[j].starts_with(leaf + "=")) out.push_back(j);
    if (!out.empty() || !names.empty()) return out;
    std::size_t at = 0;
    for (const auto& [name, size] : leaves_of("observation")) {
      if (name == leaf)
        for (std::size_t j = 0; j < size && at + j < n; ++j) out.push_back(at + j);
      at += size;
    }
    return out;
  }
  // The numbers of a leaf in an observation.
  Values observed(const tessera::Dataset& data, const std::string& leaf, const float* x) const {
    Values out;
    const auto columns = columns_of(data, leaf);
    if (const auto hot = options_.one_hot.find(leaf); hot != options_.one_hot.end()) {
      double value = hot->second;
      for (std::size_t k = 0; k < columns.size(); ++k) value += double(k) * double(x[columns[k]]);
      return {value};
    }
    for (const auto j : columns) out.push_back(double(x[j]));
    return out;
  }
  // The numbers of an action, all leaves one after another.
  static Values acted(const tessera::Dataset& data, std::size_t i) {
    Values out;
    const auto d = std::size_t(data.action_size);
    if (data.kind == tessera::action_kind::continuous) {
      for (std::size_t j = 0; j < d; ++j) out.push_back(double(data.actions[i * d + j]));
    } else {
      auto rest = data.action_indices[i];
      const auto& factors = data.spaces.action_factors;
      for (auto f = factors.rbegin(); f != factors.rend(); ++f) out.insert(out.begin(), double(rest % *f)), rest /= *f;
      if (factors.empty()) out = {double(rest + data.spaces.first_action)};
    }
    return out;
  }

  struct Column {
    std::vector<Values> rows;  // one entry per row
    std::int64_t lacking = 0;  // rows that are in the file and not in the data set
  };

  void columns(const tessera::Dataset& data) const {
    if (!wanted("columns")) return;
    const auto actions = leaves_of("action");
    for (const auto& [key, column] : all_["columns"].items()) {
      if (!wanted("columns", key) || column.contains("missing") || column.contains("categories") ||
          column.contains("distinct") || key.starts_with("infos"))
        continue;
      INFO("column " << key);
      const auto slash = key.find('/');
      const auto what = key.substr(0, slash), leaf = slash == std::string::npos ? "" : key.substr(slash + 1);
      std::optional<Column> found;
      if (what == "observation") found = of_observations(data, leaf);
      else if (what == "next_observation") found = of_next(data, leaf);
      else if (what == "action") found = of_actions(data, actions, leaf);
      else if (what == "reward") found = of_rewards(data);
      if (found) compare(*found, column);
    }
  }
  Column of_observations(const tessera::Dataset& data, const std::string& leaf) const {
    Column out;
    for (const auto& e : data.episodes) {
      for (auto i = e.first; i < e.first + e.transitions; ++i)
        out.rows.push_back(observed(data, leaf, data.observation(i)));
      if (e.rows == e.transitions + 1 && e.transitions > 0)  // that of the step that led nowhere
        out.rows.push_back(observed(data, leaf, data.next_observation(e.first + e.transitions - 1)));
      else out.lacking += e.rows - e.transitions;
    }
    return out;
  }
  Column of_next(const tessera::Dataset& data, const std::string& leaf) const {
    Column out;
    for (std::int64_t i = 0; i < data.size(); ++i)
      if (data.knows_next(i)) out.rows.push_back(observed(data, leaf, data.next_observation(i)));
    return out;
  }
  static Column of_actions(const tessera::Dataset& data, const std::vector<std::pair<std::string, std::size_t>>& leaves,
                           const std::string& leaf) {
    std::size_t at = 0, size = 0;
    for (const auto& [name, n] : leaves) {
      if (name == leaf) {
        size = n;
        break;
      }
      at += n;
    }
    Column out;
    for (std::size_t i = 0; i < data.rewards.size(); ++i) {
      const auto all = acted(data, i);
      const auto from = std::min(at, all.size()),
                 to = leaves.size() == 1 ? all.size() : std::min(at + size, all.size());
      out.rows.emplace_back(all.begin() + std::ptrdiff_t(from), all.begin() + std::ptrdiff_t(to));
    }
    out.lacking = not_kept(data);
    return out;
  }
  static Column of_rewards(const tessera::Dataset& data) {
    Column out;
    for (const float r : data.rewards) out.rows.push_back({double(r)});
    out.lacking = not_kept(data);
    return out;
  }
  static std::int64_t not_kept(const tessera::Dataset& data) {
    std::int64_t out = -data.size();
    for (const auto& e : data.episodes) out += e.rows;
    return out;
  }

  static void compare(const Column& found, const json& column) {
    const auto rows = std::int64_t(found.rows.size()) + found.lacking;
    CHECK(rows == column["rows"].get<std::int64_t>());
    if (found.rows.empty()) return;
    const bool pooled = column.contains("pooled");
    const auto width = found.rows[0].size();
    CHECK(width == size_of(column["row_shape"]));
    const auto means = column["mean"].size();
    if (!pooled && width != means) {
      CHECK(width == means);
      return;
    }
    for (std::size_t j = 0; j < means; ++j) {
      if (!column["mean"][j].is_number() || !column["std"][j].is_number()) continue;
      double sum = 0, squares = 0, low = INFINITY, high = -INFINITY, count = 0;
      const auto each = [&](auto fn) {
        for (const auto& row : found.rows)
          if (pooled) std::for_each(row.begin(), row.end(), fn);
          else fn(row[j]);
      };
      each([&](double x) { sum += x, low = std::min(low, x), high = std::max(high, x), count += 1; });
      const double mean = sum / count;
      each([&](double x) { squares += (x - mean) * (x - mean); });
      const double std = std::sqrt(squares / count);
      const double wants_mean = column["mean"][j], wants_std = column["std"][j], wants_low = column["min"][j],
                   wants_high = column["max"][j], scale = std::max(std::abs(wants_low), std::abs(wants_high));
      CAPTURE(j, mean, wants_mean, std, wants_std, low, wants_low, high, wants_high);
      if (found.lacking == 0) {
        CHECK(near(mean, wants_mean, scale));
        CHECK(near(std, wants_std, scale));
        CHECK(near(low, wants_low, scale));
        CHECK(near(high, wants_high, scale));
      } else {  // what the missing rows can change at most
        const double slack = double(found.lacking) / double(rows) * (wants_high - wants_low) + 1e-5 * scale;
        CHECK(std::abs(mean - wants_mean) <= slack);
        CHECK(low >= wants_low - 1e-5 * scale);
        CHECK(high <= wants_high + 1e-5 * scale);
      }
    }
  }

  // ---- Transitions

  static void flatten(const json& value, Values& out) {
    if (value.is_array())
      for (const auto& each : value) flatten(each, out);
    else if (value.is_boolean()) out.push_back(value.get<bool>() ? 1 : 0);
    else if (value.is_number()) out.push_back(value.get<double>());
    else out.push_back(std::nan(""));  // a missing value
  }
  static void compare_values(const Values& found, const json& wants) {
    if (wants.is_object() && wants.contains("first16")) {  // a picture
      double sum = 0;
      for (const double x : found) sum += x;
      CHECK(found.size() == size_of(wants["shape"]));
      CHECK(near(sum, wants["sum"].get<double>(), 1));
      for (std::size_t j = 0; j < wants["first16"].size() && j < found.size(); ++j) {
        CAPTURE(j);
        CHECK(near(found[j], wants["first16"][j].get<double>(), 1));
      }
      return;
    }
    Values expected;
    flatten(wants, expected);
    CHECK(found.size() == expected.size());
    for (std::size_t j = 0; j < std::min(found.size(), expected.size()); ++j) {
      if (std::isnan(expected[j])) continue;
      CAPTURE(j, found[j], expected[j]);
      CHECK(near(found[j], expected[j], 1e-3));
    }
  }
  void compare_observation(const tessera::Dataset& data, const char* what, const json& wants, const float* x) const {
    if (!wants.is_object()) return;
    for (const auto& [key, value] : wants.items()) {
      INFO(what << " " << key);
      // "observation" is the only leaf, if the columns say so.
      const bool only = all_["columns"].contains("observation");
      if (value.is_string()) continue;
      compare_values(observed(data, only ? "" : key, x), value);
    }
  }
  void compare_transition(const tessera::Dataset& data, std::int64_t i, const json& wants) const {
    compare_observation(data, "observation", wants["observation"], data.observation(i));
    if (wants["next_observation"].is_null()) CHECK_FALSE(data.knows_next(i));
    else {
      CHECK(data.knows_next(i));
      compare_observation(data, "next_observation", wants["next_observation"], data.next_observation(i));
    }
    const auto& action = wants["action"];
    json numbers = json::array();
    std::string word;
    for (const auto& [key, value] : action.items()) {
      const auto& only = value.is_array() && value.size() == 1 ? value[0] : value;
      if (only.is_string()) word = only.get<std::string>();
      else numbers.push_back(value);
    }
    {
      INFO("action");
      if (!word.empty()) CHECK(data.spaces.action_names.at(std::size_t(data.action_indices[std::size_t(i)])) == word);
      else compare_values(acted(data, std::size_t(i)), numbers);
    }
    if (wants["reward"].is_number()) {
      INFO("reward");
      CHECK(near(double(data.rewards[std::size_t(i)]), wants["reward"].get<double>(), 1e-3));
    }
    if (wants["terminated"].is_boolean()) {
      INFO("terminated");
      CHECK((data.terminals[std::size_t(i)] != 0) == wants["terminated"].get<bool>());
    }
  }
  void transitions(const tessera::Dataset& data) const {
    if (!wanted("transitions")) return;
    for (const auto& [which, wants] : all_["transitions"].items()) {
      if (!wanted("transitions", which)) continue;
      INFO("transitions of the " << which << " episode");
      const auto at = wants["episode_index"].get<std::size_t>();
      if (at >= data.episodes.size()) {
        CHECK(at < data.episodes.size());
        continue;
      }
      const auto& e = data.episodes[at];
      CHECK(e.rows == wants["length"].get<std::int64_t>());
      if (e.transitions == 0) continue;
      {
        INFO("first transition");
        compare_transition(data, e.first, wants["first_transition"]);
      }
      INFO("last transition");
      const auto& last = wants["last_transition"];
      const auto i = e.first + e.transitions - 1;
      if (e.transitions == e.rows) {
        compare_transition(data, i, last);
      } else {  // not used, because it is not known where it led
        CHECK(last["next_observation"].is_null());
        CHECK(e.transitions == e.rows - 1);
        compare_observation(data, "observation", last["observation"], data.next_observation(i));
      }
    }
  }

  ExpectedOptions options_;
  std::string path_;
  json all_;
};

/// Compares a data set with a file NAME.expected.json.
inline void check_expected(const tessera::Dataset& data, const std::string& path, const ExpectedOptions& options = {}) {
  Expected(path, options).check(data);
}
}  // namespace support
