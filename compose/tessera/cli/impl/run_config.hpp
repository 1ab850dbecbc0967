#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <tessera/cli/environment.hpp>
#include <tessera/cli/pretty_json.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/spaces_json.hpp>
#include <tessera/dataset/content_hash.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
inline constexpr std::int64_t max_count = std::int64_t{1} << 53;  // beyond it, not every JSON parser is exact

// Throws an Error if the text is not JSON, or not JSON that this program could have written: deeply nested, or with a
// duplicate key.
inline json parse(const std::string& path, const std::string& text) {
  constexpr int deepest = 8;
  std::vector<std::set<std::string>> keys;
  const auto look = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > deepest) throw Error(path + ": is nested more deeply than ours are; restore it, or start a new run");
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
      throw Error(path + ": " + printable_name(parsed.get<std::string>()) +
                  " is there twice; restore it, or start a new run");
    return true;
  };
  auto out = json::parse(text, look, false);
  if (out.is_discarded()) throw Error(path + ": is not valid JSON; restore it, or start a new run");
  return out;
}

// Takes an object apart, key by key; surplus keys are an error.
class Object {
 public:
  Object(const std::string& path, std::string prefix, const json& from)
      : path_(path), prefix_(std::move(prefix)), from_(from) {
    if (!from.is_object())
      throw wrong(prefix_.empty() ? "the whole" : prefix_.substr(0, prefix_.size() - 1), from, "an object");
  }

  bool has(const char* key) const { return from_.contains(key); }
  std::string text(const char* key) {
    const auto& x = at(key);
    if (!x.is_string()) throw wrong(prefix_ + key, x, "a text");
    return x.get<std::string>();
  }
  std::string one_of(const char* key, const std::vector<std::string>& allowed) {
    auto x = text(key);
    if (std::find(allowed.begin(), allowed.end(), x) != allowed.end()) return x;
    std::string all;
    for (const auto& name : allowed) all += (all.empty() ? "" : ", ") + name;
    throw wrong(prefix_ + key, at(key), "one of " + all);
  }
  std::int64_t whole(const char* key, std::int64_t min, std::int64_t max = max_count) {
    const auto& x = at(key);
    const bool fits = x.is_number_unsigned() ? x.get<std::uint64_t>() <= std::uint64_t(max)
                                             : x.is_number_integer() && x.get<std::int64_t>() <= max;
    if (!fits || x.get<std::int64_t>() < min)
      throw wrong(prefix_ + key, x, fmt::format("a whole number from {} to {}", min, max));
    return x.get<std::int64_t>();
  }
  std::uint64_t unsigned_whole(const char* key) {
    const auto& x = at(key);
    if (!x.is_number_unsigned()) throw wrong(prefix_ + key, x, "a whole number from 0 to 18446744073709551615");
    return x.get<std::uint64_t>();
  }
  bool flag(const char* key) {
    const auto& x = at(key);
    if (!x.is_boolean()) throw wrong(prefix_ + key, x, "true or false");
    return x.get<bool>();
  }
  double number(const char* key) {
    const auto& x = at(key);
    if (!x.is_number() || !std::isfinite(x.get<double>())) throw wrong(prefix_ + key, x, "a number");
    return x.get<double>();
  }
  double number_from_zero(const char* key) {
    const double x = number(key);
    if (x < 0) throw wrong(prefix_ + key, at(key), "a number from 0 on");
    return x;
  }
  Object object(const char* key) { return {path_, prefix_ + key + ".", at(key)}; }
  const json& array(const char* key) {
    const auto& x = at(key);
    if (!x.is_array()) throw wrong(prefix_ + key, x, "a list");
    return x;
  }
  const json& raw(const char* key) { return at(key); }
  std::string name(const std::string& key) const { return prefix_ + key; }

  void require_no_more() const {
    for (const auto& [key, value] : from_.items()) {
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      const auto near = nearest_name(key, known_);
      throw Error(path_ + ": unknown key '" + printable_name(prefix_ + key) + "'" +
                  (near.empty() ? "" : "; did you mean '" + prefix_ + near + "'?") +
                  "; restore the file, or start a new run");
    }
  }
  Error wrong(const std::string& key, const json& value, const std::string& wanted) const {
    const auto given =
        value.is_structured() ? std::string(value.is_array() ? "a list" : "an object") : printable(value.dump(), 64);
    return Error(path_ + ": " + printable_name(key) + " is " + given + ", and must be " + wanted +
                 "; restore the file, or start a new run");
  }

 private:
  const json& at(const char* key) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
    const auto found = from_.find(key);
    if (found == from_.end())
      throw Error(path_ + ": " + prefix_ + key + " is missing; restore the file, or start a new run");
    return *found;
  }

  const std::string& path_;
  std::string prefix_;
  const json& from_;
  std::vector<std::string> known_;
};

// What `spaces_json` writes.  An empty list is written as none.
inline LogSpaces read_spaces(Object o, const RunData& d) {
  LogSpaces out;
  const auto list = [&](const char* key, std::int64_t size, const char* of, auto&& good, auto&& take) {
    if (!o.has(key)) return;
    const auto& all = o.array(key);
    if (std::int64_t(all.size()) != size) throw o.wrong(o.name(key), all, fmt::format("a list of {} {}", size, of));
    for (const auto& x : all) {
      if (!good(x)) throw o.wrong(o.name(key), x, std::string("a list of ") + of);
      take(x);
    }
  };
  const auto texts = [&](const char* key, std::int64_t size, std::vector<std::string>& to) {
    list(
        key, size, "texts", [](const json& x) { return x.is_string(); },
        [&](const json& x) { to.push_back(printable_name(x.get<std::string>())); });
  };
  const auto bounds = [&](const char* key, float none, std::vector<float>& to) {
    list(
        key, d.observation_size, "numbers or null",
        [](const json& x) { return x.is_null() || (x.is_number() && std::isfinite(float(x.get<double>()))); },
        [&](const json& x) { to.push_back(x.is_null() ? none : float(x.get<double>())); });
  };
  constexpr auto infinity = std::numeric_limits<float>::infinity();
  texts("observation_names", d.observation_size, out.observation_names);
  bounds("observation_low", -infinity, out.observation_low), bounds("observation_high", infinity, out.observation_high);
  texts("action_names", d.action_size, out.action_names);
  if (o.has("action_factors")) {
    std::int64_t product = 1;
    for (const auto& x : o.array("action_factors")) {
      const bool good = x.is_number_unsigned() && x.get<std::uint64_t>() >= 1 &&
                        x.get<std::uint64_t>() <= std::uint64_t(d.action_size / product);
      if (!good) throw o.wrong(o.name("action_factors"), x, "whole numbers whose product is data.action_size");
      out.action_factors.push_back(x.get<std::int64_t>());
      product *= out.action_factors.back();
    }
    if (product != d.action_size || d.kind != action_kind::discrete)
      throw o.wrong(o.name("action_factors"), o.raw("action_factors"),
                    "whole numbers whose product is data.action_size");
  }
  if (o.has("first_action")) out.first_action = o.whole("first_action", -max_count);
  o.require_no_more();
  return out;
}

inline void check_limits(Object limits) {
  std::size_t sizes[2]{}, *size = sizes;
  for (const char* key : {"low", "high"}) {
    for (const auto& x : limits.array(key))
      if (!x.is_number() || !std::isfinite(float(x.get<double>())))
        throw limits.wrong(limits.name(key), x, "a list of numbers");
    *size++ = limits.raw(key).size();
  }
  if (sizes[0] != sizes[1])
    throw limits.wrong(limits.name("high"), limits.raw("high"), fmt::format("as long as {}", limits.name("low")));
  limits.one_of("from", {"seen", "file", "environment", "user"});
  limits.require_no_more();
}

inline bool looks_like(const std::string& text, const std::vector<std::pair<const char*, bool>>& texts_and_objects) {
  // No deeper than our own files, so that no text can overload the parser.
  int deepest = 0;
  const auto x = json::parse(
      text, [&](int depth, json::parse_event_t, json&) { return (deepest = std::max(deepest, depth)) <= 8; }, false);
  if (deepest > 8 || !x.is_object()) return false;
  return std::all_of(texts_and_objects.begin(), texts_and_objects.end(), [&](const auto& key) {
    const auto found = x.find(key.first);
    return found != x.end() && (key.second ? found->is_object() : found->is_string());
  });
}

inline std::string absolute_path(const std::string& path) {
  std::error_code code;
  const auto here = fs::current_path(code);
  if (code || path.empty() || fs::path(path).is_absolute()) return path;
  return (here / (path.starts_with("./") ? path.substr(2) : path)).string();
}
}  // namespace detail

TESSERA_CLI_INLINE RunData run_data(const Dataset& data) {
  RunData out{hash_text(content_hash(data)),      data.kind,  data.observation_size, data.action_size, data.size(),
              std::int64_t(data.episodes.size()), data.spaces};
  for (auto* names : {&out.spaces.observation_names, &out.spaces.action_names})
    for (auto& name : *names) name = printable_name(name);
  return out;
}

TESSERA_CLI_INLINE std::string names_difference(const LogSpaces& now, const LogSpaces& then) {
  const auto one = [](const char* of, const std::vector<std::string>& is, const std::vector<std::string>& was) {
    for (std::size_t j = 0; j < std::min(is.size(), was.size()); ++j)
      if (is[j] != was[j]) return fmt::format("number {} of {} is called '{}', and was '{}'", j, of, is[j], was[j]);
    return std::string();
  };
  const auto observations = one("an observation", now.observation_names, then.observation_names);
  return observations.empty() ? one("the actions", now.action_names, then.action_names) : observations;
}

TESSERA_CLI_INLINE std::string difference(const RunData& now, const RunData& then) {
  const auto kind = [](action_kind k) { return k == action_kind::discrete ? "discrete" : "continuous"; };
  if (now.kind != then.kind) return fmt::format("its actions are {}, and were {}", kind(now.kind), kind(then.kind));
  for (const auto& [what, is, was] :
       {std::tuple{"observations have size", now.observation_size, then.observation_size},
        {now.kind == action_kind::discrete ? "number of discrete actions is" : "actions have size", now.action_size,
         then.action_size},
        {"number of transitions is", now.transitions, then.transitions},
        {"number of episodes is", now.episodes, then.episodes}})
    if (is != was) return fmt::format("its {} {}, and was {}", what, is, was);
  return now.hash == then.hash
             ? ""
             : fmt::format("its numbers are others (content hash {}, and was {})", now.hash, then.hash);
}

TESSERA_CLI_INLINE std::string config_text(const RunConfig& config) {
  const auto& c = config.command;
  const auto& d = config.data;
  const auto& p = config.platform;
  json out = {{"algorithm", c.algorithm},
              {"dataset", c.dataset},
              {"env", c.env},
              {"horizon", c.horizon},
              {"steps", c.steps},
              {"seed", c.seed},
              {"batch", c.batch},
              {"eval_every", c.eval_every},
              {"eval_episodes", c.eval_episodes},
              {"report_every", c.report_every},
              {"parameters", config.parameters}};
  if (c.episode_length != 0) out["episode_length"] = c.episode_length;
  if (c.tensorboard) out["tensorboard"] = true;
  if (c.precision != "float") out["precision"] = c.precision;
  if (c.ranks.sharded) out["sharded"] = true;
  if (c.follow.every > 0) {
    out["ope"] = {{"every", c.follow.every}, {"updates", c.follow.updates}, {"dataset", c.follow.dataset}};
    if (!config.followed_on.empty()) out["ope"]["hash"] = config.followed_on;
  }
  if (c.keep_every > 0) out["keep_every"] = c.keep_every;
  if (c.keep_best) out["keep_best"] = true;
  if (c.patience > 0) out["patience"] = c.patience;
  if (c.online.steps > 0)
    out["online"] = {{"steps", c.online.steps},
                     {"updates_per_step", c.online.updates_per_step},
                     {"random_steps", c.online.random_steps},
                     {"environments", c.online.environments},
                     {"replay", c.online.replay},
                     {"exploration_noise", c.online.exploration_noise}};
  for (const auto& [key, fact] : {std::pair{"action_limits", &config.action_limits},
                                  {"chosen", &config.chosen},
                                  {"imagined", &config.imagined},
                                  {"findings", &config.findings}})
    if (!fact->is_null()) out[key] = *fact;
  if (config.score) out["score"] = score_json(*config.score);
  out["data"] = {{"hash", d.hash},
                 {"actions", d.kind == action_kind::discrete ? "discrete" : "continuous"},
                 {"observation_size", d.observation_size},
                 {"action_size", d.action_size},
                 {"transitions", d.transitions},
                 {"episodes", d.episodes}};
  if (d.spaces != LogSpaces{}) out["data"]["spaces"] = spaces_json(d.spaces);
  if (const auto& r = d.returns)
    out["data"]["returns"] = {{"mean", r->mean}, {"std", r->std}, {"min", r->min}, {"max", r->max}};
  out["platform"] = {{"threads", p.threads}, {"device", p.device}, {"product", p.product}, {"libtorch", p.libtorch}};
  if (!p.version.empty()) out["platform"]["tessera"] = p.version;
  if (!p.build.empty()) out["platform"]["build"] = p.build;
  if (p.ranks > 1) out["platform"]["ranks"] = p.ranks;
  return pretty(out) + "\n";
}

TESSERA_CLI_INLINE RunConfig read_run_config(const std::string& path, const std::string& text) {
  const auto all = detail::parse(path, text);
  detail::Object o(path, "", all);
  RunConfig out;
  auto& c = out.command;
  c.algorithm = o.text("algorithm"), c.dataset = o.text("dataset"), c.env = o.text("env");
  c.horizon = int(o.whole("horizon", 0, std::numeric_limits<int>::max()));
  // A run that learns online may make no update before.
  c.steps = o.whole("steps", o.has("online") ? 0 : 1), c.seed = o.unsigned_whole("seed"),
  c.batch = o.whole("batch", 1, 1'000'000);
  c.eval_every = o.whole("eval_every", 1), c.eval_episodes = o.whole("eval_episodes", 1),
  c.report_every = o.whole("report_every", 1);
  if (o.has("episode_length")) c.episode_length = o.whole("episode_length", 1);
  if (o.has("tensorboard")) c.tensorboard = o.flag("tensorboard");
  if (o.has("precision")) c.precision = o.one_of("precision", {"float", "bf16"});
  if (o.has("sharded")) c.ranks.sharded = o.flag("sharded");
  if (o.has("ope")) {
    auto follow = o.object("ope");
    c.follow.every = follow.whole("every", 1), c.follow.updates = follow.whole("updates", 1);
    c.follow.dataset = follow.text("dataset");
    if (follow.has("hash")) out.followed_on = follow.text("hash");
    follow.require_no_more();
  }
  if (o.has("keep_every")) c.keep_every = o.whole("keep_every", 1);
  if (o.has("keep_best")) c.keep_best = o.flag("keep_best");
  if (o.has("patience")) c.patience = o.whole("patience", 1);
  if (o.has("online")) {
    auto online = o.object("online");
    c.online.steps = online.whole("steps", 1);
    c.online.updates_per_step = online.number_from_zero("updates_per_step");
    c.online.random_steps = online.whole("random_steps", 0);
    c.online.environments = online.whole("environments", 1, 1024);
    c.online.replay = online.whole("replay", 1);
    c.online.exploration_noise = online.number_from_zero("exploration_noise");
    online.require_no_more();
  }
  out.parameters = o.raw("parameters");
  auto parameters = o.object("parameters");
  for (const auto& [key, value] : out.parameters.items())
    if (!is_setting(value))
      throw o.wrong("parameters." + key, value, "a number, true, false, a text, or a list of whole numbers");
  if (o.has("action_limits"))
    detail::check_limits(o.object("action_limits")), out.action_limits = o.raw("action_limits");
  if (o.has("chosen")) {
    for (const auto& each : o.array("chosen")) {
      detail::Object setting(path, "chosen.", each);
      for (const char* key : {"key", "reason"}) setting.text(key);
      if (!is_setting(setting.raw("value")))
        throw setting.wrong("chosen.value", setting.raw("value"), "a setting's value");
      setting.require_no_more();
    }
    out.chosen = o.raw("chosen");
  }
  if (o.has("findings")) {
    for (const auto& each : o.array("findings")) {
      detail::Object finding(path, "findings.", each);
      for (const char* key : {"name", "message"}) finding.text(key);
      finding.require_no_more();
    }
    out.findings = o.raw("findings");
  }
  if (o.has("imagined")) {
    auto imagined = o.object("imagined");
    if (imagined.has("rows")) imagined.whole("rows", 1);
    if (imagined.has("megabytes")) imagined.number("megabytes");
    if (imagined.has("model")) imagined.text("model");
    imagined.require_no_more();
    out.imagined = o.raw("imagined");
  }
  if (o.has("score")) {
    auto score = o.object("score");
    const auto random = score.number("random"), expert = score.number("expert");
    if (random == expert)
      throw score.wrong(score.name("expert"), score.raw("expert"), "another number than score.random");
    out.score = RunScore{{random, expert}, score.one_of("from", {"user", "data", "d4rl"})};
    score.require_no_more();
  }
  auto data = o.object("data");
  auto& d = out.data;
  d.hash = data.text("hash");
  d.kind = data.one_of("actions", {"continuous", "discrete"}) == "discrete" ? action_kind::discrete
                                                                            : action_kind::continuous;
  d.observation_size = data.whole("observation_size", 1), d.action_size = data.whole("action_size", 1);
  d.transitions = data.whole("transitions", 1), d.episodes = data.whole("episodes", 0);
  if (data.has("spaces")) d.spaces = detail::read_spaces(data.object("spaces"), d);
  if (data.has("returns")) {
    auto returns = data.object("returns");
    d.returns = Spread{returns.number("mean"), returns.number("std"), returns.number("min"), returns.number("max")};
    returns.require_no_more();
  }
  data.require_no_more();
  auto platform = o.object("platform");
  auto& p = out.platform;
  p.threads = platform.whole("threads", 1, 1024);
  p.device = platform.text("device"), p.product = platform.text("product"), p.libtorch = platform.text("libtorch");
  if (platform.has("tessera")) p.version = platform.text("tessera");
  if (platform.has("build")) p.build = platform.text("build");
  if (platform.has("ranks")) p.ranks = platform.whole("ranks", 2, 65536);
  platform.require_no_more();
  o.require_no_more();
  return out;
}

TESSERA_CLI_INLINE std::string seeds_config_text(const SeedsConfig& config) {
  json out = {{"seeds", config.seeds}, {"command", {{"name", config.command}, {"flags", config.flags}}}};
  if (!config.run.empty()) out["command"]["run"] = config.run;
  if (!config.grid.empty()) out["grid"] = config.grid;
  if (!config.draws.empty()) out["draws"] = config.draws;
  if (!config.replaced.empty()) out["replaced"] = config.replaced;
  return pretty(out) + "\n";
}

TESSERA_CLI_INLINE SeedsConfig read_seeds_config(const std::string& path, const std::string& text) {
  const auto all = detail::parse(path, text);
  detail::Object o(path, "", all);
  SeedsConfig out;
  out.seeds = o.text("seeds");
  auto command = o.object("command");
  out.command = command.one_of("name", {"train", "finetune"});
  if (command.has("run")) out.run = command.text("run");
  if ((out.command == "finetune") == out.run.empty() || out.run.starts_with("-") ||
      out.run.find('\0') != std::string::npos)
    throw Error(path + ": command.run is of `finetune` alone, and names a run there; restore the file, or start anew");
  // They become the words of a command: none that says where it writes, and none that is no flag.
  const std::vector<std::string> own = {"--out",   "--overwrite", "--resume",  "--seed",
                                        "--seeds", "--grid",      "--threads", "--help"};
  for (const auto& flag : command.array("flags")) {
    const auto word = flag.is_string() ? flag.get<std::string>() : std::string();
    const auto name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || name.size() < 3 || word.find('\0') != std::string::npos ||
        std::find(own.begin(), own.end(), name) != own.end())
      throw command.wrong(command.name("flags"), flag, "a list of flags, --NAME=VALUE, that all of its runs have");
    out.flags.push_back(word);
  }
  command.require_no_more();
  if (o.has("grid"))
    for (const auto& each : o.array("grid")) {
      if (!each.is_string()) throw o.wrong("grid", each, "a list of texts, KEY=VALUE,VALUE");
      out.grid.push_back(each.get<std::string>());
    }
  if (o.has("draws"))
    for (const auto& draw : o.array("draws")) {
      auto& one = out.draws.emplace_back();
      if (!draw.is_array() || draw.empty()) throw o.wrong("draws", draw, "a list of lists of settings, KEY=VALUE");
      for (const auto& each : draw) {
        const auto setting = each.is_string() ? each.get<std::string>() : std::string();
        const auto equals = setting.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == setting.size() ||
            setting.find('\0') != std::string::npos)
          throw o.wrong("draws", each, "a list of lists of settings, KEY=VALUE");
        one.push_back(setting);
      }
    }
  if (o.has("replaced")) {
    auto replaced = o.object("replaced");
    for (const auto& [seed, hash] : o.raw("replaced").items()) out.replaced[seed] = replaced.text(seed.c_str());
  }
  o.require_no_more();
  return out;
}

TESSERA_CLI_INLINE bool is_seeds_config(const std::string& text) {
  return detail::looks_like(text, {{"seeds", false}, {"command", true}});
}
TESSERA_CLI_INLINE bool has_grid(const std::string& text) {
  const auto all = json::parse(text, nullptr, false);
  return all.is_object() && (all.contains("grid") || all.contains("draws"));
}
TESSERA_CLI_INLINE bool is_run_config(const std::string& text) {
  return detail::looks_like(text, {{"algorithm", false}, {"dataset", false}, {"parameters", true}});
}
TESSERA_CLI_INLINE bool is_model_config(const std::string& text) {
  return detail::looks_like(text, {{"data_hash", false}, {"dataset", false}, {"parameters", true}});
}

TESSERA_CLI_INLINE std::string absolute_dataset(const std::string& name) {
  const auto [reader, request] = find_reader(name);
  if (reader == nullptr) return detail::absolute_path(name);
  return reader->of_file() ? reader->name + ":" + detail::absolute_path(request) : name;
}
TESSERA_CLI_INLINE std::string absolute_environment(const std::string& name) {
  if (name.empty()) return name;
  const auto [entry, request] = find_environment(name);
  return entry.of_file() ? entry.name + ":" + detail::absolute_path(request) : name;
}
}  // namespace tessera::cli
