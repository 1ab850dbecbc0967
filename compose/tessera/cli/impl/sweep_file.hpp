#pragma once
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include <tessera/cli/folder.hpp>
#include <tessera/cli/sweep_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/random.hpp>

namespace tessera::cli {
namespace detail {
inline constexpr std::int64_t most_draws = 1000;

// The file's entries, [section] key = values, with their checks.
class SweepReader {
 public:
  explicit SweepReader(const std::string& path) : path_(path) {
    const auto text = small_file(path);
    if (!text) throw Error(path + ": is not a file of at most 1 MB that can be read");
    require_different_keys(*text);
    std::istringstream in(*text);
    std::vector<CLI::ConfigItem> items;
    try {
      items = CLI::ConfigTOML().from_config(in);
    } catch (const CLI::Error& error) {
      throw Error(path + ": is no TOML (" + error.what() + ")");
    }
    for (auto& item : items)
      if (item.name != "++" && item.name != "--") take(item);
  }

  SweepFile read() {
    if (!seeds_.empty() && draws_ == 0)
      throw wrong("random", "has hyper-parameters and no `runs`; say how many are drawn: runs = 20");
    for (std::int64_t i = 0; i < draws_; ++i) {
      auto& one = out_.draws.emplace_back();
      for (const auto& [key, from] : seeds_) one.push_back(key + "=" + drawn_value(from, seed_, key, std::uint64_t(i)));
    }
    if (draws_ > 0 && seeds_.empty()) throw wrong("random", "draws nothing; name a hyper-parameter there");
    std::set<std::vector<std::string>> different(out_.draws.begin(), out_.draws.end());
    if (different.size() < out_.draws.size())
      throw wrong("random",
                  fmt::format("draws some settings twice: {} of {} are different; draw fewer, from more values",
                              different.size(), out_.draws.size()));
    return std::move(out_);
  }

 private:
  Error wrong(const std::string& where, const std::string& what) const {
    return Error(path_ + ": " + (where.empty() ? "" : "[" + printable_name(where) + "] ") + what);
  }
  // CLI11 makes one key with several values of a key that is there twice in a row.
  void require_different_keys(const std::string& text) const {
    std::istringstream lines(text);
    std::set<std::pair<std::string, std::string>> seen;
    std::string section;
    for (std::string line; std::getline(lines, line);) {
      std::erase_if(line, [](char x) { return x == ' ' || x == '\t' || x == '\r' || x == '"'; });
      const auto equals = line.find('=');
      if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
      else if (!line.starts_with('#') && equals != std::string::npos &&
               !seen.emplace(section, line.substr(0, equals)).second)
        throw wrong(section, printable_name(line.substr(0, equals)) + " is there twice");
    }
  }
  void take(const CLI::ConfigItem& item) {
    std::vector<std::string> words = item.parents;
    words.push_back(item.name);
    std::string section, key;
    if (words.size() > 1) section = words.front(), words.erase(words.begin());
    for (const auto& word : words) key += (key.empty() ? "" : ".") + word;
    std::erase(key, '"');
    const auto name = printable_name(key);
    if (item.inputs.empty()) throw wrong(section, name + " has no value");
    for (const auto& value : item.inputs)
      if (value.empty() || value.front() == '[' || value.front() == '{' || value.back() == ']')
        throw wrong(section, name + ": '" + printable_name(value) +
                                 "' is not a value; an array stands in one line, and there are no inline tables");
    if (section.empty()) flag(key, item.inputs);
    else if (section == "set") set(key, item.inputs);
    else if (section == "grid") grid(key, item.inputs);
    else if (section == "random") random(key, item.inputs);
    else throw wrong(section, "is no section; there are [set], [grid] and [random], and what stands before them");
  }
  const std::string& one(const std::string& section, const std::string& key, const std::vector<std::string>& values) {
    if (values.size() != 1) throw wrong(section, printable_name(key) + " takes one value, and has several");
    return values.front();
  }
  void flag(const std::string& key, const std::vector<std::string>& values) {
    const std::vector<std::string> not_there = {"set", "grid", "resume", "overwrite", "seed", "threads", "help"};
    if (std::find(not_there.begin(), not_there.end(), key) != not_there.end())
      throw wrong("", printable_name(key) + " cannot stand in the file of a sweep" +
                          (key == "set" || key == "grid" ? ": its values stand in [" + key + "]"
                           : key == "seed"               ? "; give seeds = \"0:1\""
                                                         : "; give it to the command"));
    const auto& value = one("", key, values);
    if (key == "out") out_.out = value;
    else if (value == "true") out_.flags.push_back("--" + key);
    else if (value != "false") out_.flags.push_back("--" + key + "=" + value);
  }
  void set(const std::string& key, const std::vector<std::string>& values) {
    out_.flags.push_back("--set=" + key + "=" + one("set", key, values));
  }
  void grid(const std::string& key, const std::vector<std::string>& values) {
    if (values.size() == 1) return set(key, values);
    std::string text;
    for (const auto& value : values) {
      if (value.find(';') != std::string::npos)
        throw wrong("grid", printable_name(key) + ": a value with a semicolon cannot be one of several");
      text += (text.empty() ? "" : ";") + value;
    }
    out_.grid.push_back(key + "=" + text);
  }
  void random(const std::string& key, const std::vector<std::string>& values) {
    if (key == "runs") {
      const auto x = whole_number<std::int64_t>(one("random", key, values));
      if (!x || *x < 1 || *x > most_draws)
        throw wrong("random", fmt::format("runs is not a whole number from 1 to {}", most_draws));
      draws_ = *x;
    } else if (key == "seed") {
      const auto x = whole_number<std::uint64_t>(one("random", key, values));
      if (!x) throw wrong("random", "seed is not a whole number");
      seed_ = *x;
    } else if (values.size() > 1) {
      seeds_.emplace_back(key, Distribution{.values = values});
    } else {
      try {
        seeds_.emplace_back(key, distribution_of(values.front()));
      } catch (const Error& error) {
        throw wrong("random", printable_name(key) + ": " + error.what());
      }
    }
  }

  const std::string& path_;
  SweepFile out_;
  std::vector<std::pair<std::string, Distribution>> seeds_;  // what is drawn
  std::int64_t draws_ = 0;
  std::uint64_t seed_ = 0;
};
}  // namespace detail

TESSERA_CLI_INLINE SweepFile read_sweep(const std::string& path) { return detail::SweepReader(path).read(); }

TESSERA_CLI_INLINE Distribution distribution_of(const std::string& given) {
  const auto trimmed = [](std::string part) {
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    return part;
  };
  const auto text = trimmed(given);
  const auto wrong = [&](const std::string& why) {
    return Error("'" + printable_name(text) + "' " + why +
                 "; there are uniform(LOW, HIGH), log-uniform(LOW, HIGH), integer(LOW, HIGH), and lists of values");
  };
  const auto open = text.find('('), comma = text.find(',');
  if (open == std::string::npos || comma == std::string::npos || comma < open || text.back() != ')')
    throw wrong("is nothing to draw from");
  const auto name = trimmed(text.substr(0, open));
  const auto low = real_number(trimmed(text.substr(open + 1, comma - open - 1))),
             high = real_number(trimmed(text.substr(comma + 1, text.size() - comma - 2)));
  Distribution out;
  if (name == "uniform") out.kind = Distribution::Kind::uniform;
  else if (name == "log-uniform") out.kind = Distribution::Kind::log_uniform;
  else if (name == "integer") out.kind = Distribution::Kind::integer;
  else throw wrong("is nothing to draw from");
  if (!low || !high || !std::isfinite(*low) || !std::isfinite(*high) || !(*low < *high))
    throw wrong("needs two numbers, the lower one first");
  out.low = *low, out.high = *high;
  if (out.kind == Distribution::Kind::log_uniform && !(out.low > 0)) throw wrong("needs two positive numbers");
  constexpr double exact = 1e15;
  if (out.kind == Distribution::Kind::integer && (std::floor(out.low) != out.low || std::floor(out.high) != out.high ||
                                                  std::abs(out.low) > exact || std::abs(out.high) > exact))
    throw wrong("needs two whole numbers");
  return out;
}

TESSERA_CLI_INLINE std::string drawn_value(const Distribution& d, std::uint64_t seed, const std::string& key,
                                           std::uint64_t index) {
  ContentHash stream;
  stream.add(key);
  Random random(seed, stream.value(), index);
  switch (d.kind) {
    case Distribution::Kind::uniform:
      return fmt::format("{:.4g}", random.uniform(d.low, d.high));
    case Distribution::Kind::log_uniform:
      return fmt::format("{:.4g}", std::exp(random.uniform(std::log(d.low), std::log(d.high))));
    case Distribution::Kind::integer:
      return fmt::format("{}", std::int64_t(d.low) + std::int64_t(std::floor(random.uniform() * (d.high - d.low + 1))));
    case Distribution::Kind::choice:
      break;
  }
  return d.values[std::size_t(random.uniform() * double(d.values.size()))];
}
}  // namespace tessera::cli
