#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/chart.hpp>
#include <tessera/cli/html.hpp>
#include <tessera/cli/report.hpp>
#include <tessera/cli/report_style.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/version.hpp>

namespace tessera::cli {
namespace detail {
inline constexpr const char* dash = "\u2013";  // where there is no value

// A setting of a run beside its default.
struct ShownSetting {
  std::string key, value;
  std::optional<std::string> usual{};  // the default, where there is one and it is known
  std::string about{};
  bool changed() const;
};
inline bool same_text(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto x = real_number(a), y = real_number(b);
  return x && y && *x == *y;
}
inline bool ShownSetting::changed() const { return usual && !same_text(value, *usual); }

// Runs that differ in nothing but their seed and what they ran on.
struct RunGroup {
  std::vector<std::size_t> runs{};
  std::string label{};
};

// What the page says of a run.
struct ShownRun {
  const ReportedRun* run;
  std::vector<ShownSetting> settings{};
  std::size_t group = 0, color = 0;
  std::string label{}, id{};

  const TrainCommand& command() const { return run->config.command; }
  const ShownSetting* setting(const std::string& key) const {
    const auto found = std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.key == key; });
    return found == settings.end() ? nullptr : &*found;
  }
};

inline std::string limits_of(const json& limits) {
  if (limits.is_null()) return "";
  const auto side = [](const json& x) {
    std::set<std::string> values;
    for (const auto& each : x) values.insert(setting_text(each));
    return values.size() == 1 ? *values.begin() : setting_text(json(x.dump()));
  };
  return side(limits["low"]) + " to " + side(limits["high"]) + " (" + limits["from"].get<std::string>() + ")";
}

// All settings, those of the command first.
inline std::vector<ShownSetting> settings_of(const RunConfig& config) {
  std::vector<ShownSetting> out;
  const auto& c = config.command;
  const TrainCommand usual;
  const auto add = [&](const char* key, const auto& value, const auto& normal, const char* about) {
    out.push_back({key, fmt::format("{}", value), fmt::format("{}", normal), about});
  };
  const auto fact = [&](const char* key, const std::string& value, const char* about) {
    if (!value.empty()) out.push_back({key, value, std::nullopt, about});
  };
  fact("algorithm", c.algorithm, ""), fact("dataset", c.dataset, ""), fact("env", c.env, "environment of evaluation");
  if (!c.env.empty()) {
    if (c.horizon > 0) add("horizon", c.horizon, usual.horizon, "steps of an evaluation episode");
    add("eval_every", c.eval_every, usual.eval_every, "steps between evaluations");
    add("eval_episodes", c.eval_episodes, usual.eval_episodes, "episodes of an evaluation");
  }
  if (c.steps > 0) add("steps", c.steps, usual.steps, "gradient steps on the log");
  add("batch", c.batch, usual.batch, "transitions of a step");
  add("report_every", c.report_every, usual.report_every, "updates that a row of metrics.csv is the mean of");
  if (c.episode_length > 0)
    fact("episode_length", std::to_string(c.episode_length), "rows after which the log was cut");
  if (const auto& o = c.online; o.steps > 0) {
    fact("online.steps", std::to_string(o.steps), "steps of the environment to learn online");
    add("online.updates_per_step", o.updates_per_step, usual.online.updates_per_step, "updates for each of them");
    fact("online.random_steps", std::to_string(o.random_steps), "first of them with uniform actions");
    add("online.environments", o.environments, usual.online.environments, "copies that are stepped together");
    add("online.replay", o.replay, usual.online.replay, "transitions kept of those collected");
    add("online.exploration_noise", o.exploration_noise, usual.online.exploration_noise,
        "of policies that cannot be drawn from, in half ranges of an action");
  }
  fact("action_limits", limits_of(config.action_limits), "least and largest action, and who says so");
  std::map<std::string, SettingText> known;
  if (const auto* a = find_algorithm(c.algorithm, space_of(config.data.kind)); a != nullptr && a->settings != nullptr)
    for (auto& each : a->settings()) known[each.key] = std::move(each);
  for (const auto& [key, value] : config.parameters.items()) {
    ShownSetting s{key, setting_text(value)};
    if (const auto found = known.find(key); found != known.end())
      s.usual = found->second.value, s.about = found->second.about;
    out.push_back(std::move(s));
  }
  return out;
}

// "pendulum-random" of a path or a name.
inline std::string last_part(const std::string& path) {
  const auto end = path.find_last_not_of('/');
  if (end == std::string::npos) return path;
  const auto slash = path.find_last_of('/', end);
  return path.substr(slash == std::string::npos ? 0 : slash + 1,
                     end - (slash == std::string::npos ? 0 : slash + 1) + 1);
}

inline std::string number(double x) { return std::isfinite(x) ? fmt::format("{:.4g}", x) : fmt::format("{}", x); }
inline std::string grouped(std::int64_t x) {  // 1 000 000, with narrow spaces that do not break
  auto text = std::to_string(x);
  for (auto at = std::ptrdiff_t(text.size()) - 3; at > (x < 0 ? 1 : 0); at -= 3) text.insert(std::size_t(at), "\u202f");
  return text;
}
inline std::string duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e12) return dash;
  if (seconds < 100) return fmt::format("{:.1f} s", seconds);
  const auto s = std::int64_t(seconds + 0.5);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
}
inline std::string moment(std::int64_t seconds) {
  const auto time = std::time_t(seconds);
  std::tm parts{};
  if (seconds <= 0 || gmtime_r(&time, &parts) == nullptr) return dash;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min);
}

struct Returns {
  const Row* last = nullptr;
  const Row* best = nullptr;
};
inline Returns returns_of(const ReportedRun& run) {
  Returns out;
  for (const auto& row : run.rows) {
    if (!row.return_mean) continue;
    out.last = &row;
    if (out.best == nullptr || *row.return_mean > *out.best->return_mean) out.best = &row;
  }
  return out;
}
inline std::int64_t updates_of(const ReportedRun& run) { return run.rows.empty() ? 0 : run.rows.back().updates; }
inline std::int64_t online_steps_of(const ReportedRun& run) {
  for (auto row = run.rows.rbegin(); row != run.rows.rend(); ++row)
    if (const auto steps = row->metric("environment_steps")) return std::int64_t(*steps);
  return 0;
}
// "": it is whole.
inline std::string unfinished(const ReportedRun& run) {
  const auto& c = run.config.command;
  std::string at;
  if (updates_of(run) < c.steps) at = fmt::format("stopped at {} of {} updates", updates_of(run), c.steps);
  else if (c.online.steps > online_steps_of(run))
    at = fmt::format("stopped at {} of {} online steps", online_steps_of(run), c.online.steps);
  if (run.checkpoint) return at;
  return (at.empty() ? "" : at + ", ") + std::string("without a checkpoint");
}

inline std::string group_key(const ShownRun& run) {
  std::string key = run.run->config.data.hash;
  for (const auto& s : run.settings) key += '\n' + s.key + '\t' + s.value;
  return key;
}
inline std::string tip_of(const std::string& about) {
  return about.empty() ? "" : fmt::format(" title=\"{}\"", html(about));
}

// The page as it grows.
class Page {
 public:
  explicit Page(const std::vector<ReportedRun>& runs) {
    for (const auto& run : runs) {
      all_.push_back({&run, settings_of(run.config)});
      all_.back().id = std::to_string(all_.size() - 1);
    }
    make_groups();
    name_groups();
    for (auto& run : all_) {
      name_run(run);
      run.color = (colors_are_groups() ? run.group : std::size_t(&run - all_.data())) % report_colors;
    }
    make_distinct();
  }

  std::string text() {
    out_ =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src "
        "'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>\n"
        "<meta name=\"generator\" content=\"Tessera " +
        std::string(library_version) + "\"/>\n<title>" + html(title()) + "</title>\n<style>" + report_style +
        "</style>\n</head>\n<body>\n";
    head();
    out_ += "<main>\n";
    if (all_.size() > 1) results();
    curves();
    if (groups_.size() > 1) differences();
    settings();
    data();
    platform();
    out_ += "</main>\n<footer>Written by Tessera " + std::string(library_version) + ", " + moment(std::time(nullptr)) +
            ". The page is complete in itself: it loads nothing.</footer>\n<script>" + report_script +
            "</script>\n</body>\n</html>\n";
    return std::move(out_);
  }

 private:
  bool colors_are_groups() const { return groups_.size() > 1; }

  bool several_seeds() const {
    return std::any_of(groups_.begin(), groups_.end(), [](const auto& g) { return g.runs.size() > 1; });
  }

  void make_groups() {
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const auto [at, fresh] = known.emplace(group_key(all_[i]), groups_.size());
      if (fresh) groups_.emplace_back();
      all_[i].group = at->second;
      groups_[at->second].runs.push_back(i);
    }
  }
  const ShownRun& first_of(const RunGroup& group) const { return all_[group.runs.front()]; }

  // The keys whose values are not the same in all groups; `telling`: not because another algorithm has another default.
  std::vector<std::string> differing(bool telling) const {
    std::vector<std::string> out;
    std::set<std::string> seen;
    for (const auto& group : groups_)
      for (const auto& s : first_of(group).settings) {
        if (!seen.insert(s.key).second) continue;
        bool differs = false, set = false;
        for (const auto& other : groups_) {
          const auto* value = first_of(other).setting(s.key);
          differs = differs || value == nullptr || !same_text(value->value, s.value);
          set = set || (value != nullptr && (value->changed() || !value->usual));
        }
        if (differs && set == telling) out.push_back(s.key);
      }
    return out;
  }
  static int rank(const std::string& key) {
    const std::vector<std::string> first = {"algorithm", "dataset", "env", "online.steps"},
                                   last = {"batch", "steps", "horizon", "eval_every", "eval_episodes", "report_every"};
    const auto early = std::find(first.begin(), first.end(), key), late = std::find(last.begin(), last.end(), key);
    return early != first.end() ? int(early - first.begin()) : late == last.end() ? 10 : 11 + int(late - last.begin());
  }
  static std::string part_of(const std::string& key, const ShownSetting* s) {
    if (s == nullptr) return "";
    if (key == "algorithm" || key == "dataset" || key == "env") return last_part(s->value);
    return key == "online.steps" ? "online" : key + "=" + s->value;
  }
  void name_groups() {
    if (groups_.size() == 1) {
      groups_[0].label = first_of(groups_[0]).command().algorithm;
      return;
    }
    // Of what differs, in the order in which a reader asks for it, no more than tells them apart.
    auto keys = differing(true);
    std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return rank(a) < rank(b); });
    std::size_t distinct = 1;
    for (const auto& key : keys) {
      std::vector<std::string> labels;
      for (const auto& group : groups_) {
        const auto part = part_of(key, first_of(group).setting(key));
        labels.push_back(group.label + (group.label.empty() || part.empty() ? "" : " \u00b7 ") + part);
      }
      const auto now = std::set<std::string>(labels.begin(), labels.end()).size();
      if (now == distinct) continue;
      distinct = now;
      for (std::size_t g = 0; g < groups_.size(); ++g) groups_[g].label = std::move(labels[g]);
    }
    for (auto& group : groups_)
      if (group.label.empty()) group.label = first_of(group).command().algorithm;
    std::map<std::string, int> times;
    for (const auto& group : groups_) ++times[group.label];
    for (auto& group : groups_)
      if (times[group.label] > 1) group.label += " \u00b7 " + last_part(first_of(group).run->folder);
  }
  void name_run(ShownRun& run) const {
    const bool many = groups_[run.group].runs.size() > 1;
    if (groups_.size() > 1) run.label = groups_[run.group].label;
    if (many || groups_.size() == 1)
      run.label += (run.label.empty() ? "" : " \u00b7 ") + fmt::format("seed {}", run.command().seed);
    if (all_.size() == 1) run.label = run.command().algorithm;
  }
  // Two runs of one seed, on two machines for instance, are told apart by their folders.
  void make_distinct() {
    std::map<std::string, int> times;
    for (const auto& run : all_) ++times[run.label];
    for (auto& run : all_)
      if (times[run.label] > 1) run.label += " \u00b7 " + printable(run.run->folder, 96);
  }

  std::string title() const {
    if (all_.size() > 1) return fmt::format("{} runs", all_.size());
    const auto& c = all_[0].command();
    return c.algorithm + (c.dataset.empty() ? " in " + c.env : " on " + last_part(c.dataset));
  }
  std::string swatch(const ShownRun& run) const { return fmt::format("<span class=\"swatch c{}\"></span>", run.color); }
  void cell(double value, const std::string& text) {
    out_ += fmt::format("<td class=\"number\" data-value=\"{}\">{}</td>", value, html(text));
  }
  void cell(const std::string& text, const char* kind = "text") {
    out_ += fmt::format("<td class=\"{}\">{}</td>", kind, html(text));
  }
  static std::string value_of(const ShownSetting& s) {
    return s.changed() ? "<span class=\"changed\">" + html(s.value) + "</span>" : html(s.value);
  }
  void tile(const char* what, const std::string& value) {
    out_ += fmt::format("<li><span>{}</span><b>{}</b></li>\n", what, html(value));
  }

  void head() {
    out_ += "<header>\n<h1>" + html(title()) + "</h1>\n";
    if (all_.size() == 1) {
      const auto& run = all_[0];
      const auto& c = run.command();
      const auto r = returns_of(*run.run);
      out_ += "<p class=\"quiet\">";
      if (!c.dataset.empty()) out_ += "data <code>" + html(c.dataset) + "</code>, ";
      if (!c.env.empty()) out_ += "environment <code>" + html(c.env) + "</code>, ";
      out_ += fmt::format("seed {}, folder <code>{}</code></p>\n", c.seed, html(run.run->folder));
      say_unfinished(run);
      out_ += "<ul class=\"tiles\" id=\"tiles\">\n";
      if (r.last != nullptr) {
        tile("last return", number(*r.last->return_mean) + " \u00b1 " + number(*r.last->return_std));
        tile("best return", fmt::format("{} at {}", number(*r.best->return_mean), tick_text(double(r.best->updates))));
      }
      if (const auto& returns = run.run->config.data.returns) tile("return in the data", number(returns->mean));
      tile("updates", grouped(updates_of(*run.run)));
      if (c.online.steps > 0) tile("online steps", grouped(online_steps_of(*run.run)));
      if (!run.run->rows.empty()) tile("training", duration(run.run->rows.back().seconds));
      out_ += "</ul>\n";
      if (r.last == nullptr)
        out_ += c.env.empty() ? "<p>It was trained without an environment: there are no returns.</p>\n"
                              : "<p>It was not evaluated yet.</p>\n";
    } else {
      std::set<std::string> algorithms, sets;
      for (const auto& run : all_) {
        algorithms.insert(run.command().algorithm);
        sets.insert(run.command().dataset.empty() ? "no log" : last_part(run.command().dataset));
      }
      const auto list = [](const std::set<std::string>& names) {
        std::string text;
        for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
        return text;
      };
      out_ += "<p class=\"quiet\">" + html(list(algorithms), 400) + " on " + html(list(sets), 400);
      if (groups_.size() > 1) out_ += fmt::format(", {} settings", groups_.size());
      out_ += "</p>\n";
      for (const auto& run : all_) say_unfinished(run);
    }
    out_ += "</header>\n";
  }
  void say_unfinished(const ShownRun& run) {
    if (const auto text = unfinished(*run.run); !text.empty())
      out_ += "<p class=\"finding\"><b>not finished</b> " + (all_.size() > 1 ? html(run.label) + ": " : std::string()) +
              html(text) + "</p>\n";
  }

  void results() {
    const bool online =
        std::any_of(all_.begin(), all_.end(), [](const auto& r) { return r.command().online.steps > 0; });
    out_ +=
        "<h2>Results</h2>\n<div class=\"card scroll\">\n<table id=\"results\">\n<thead><tr><th>run</th><th "
        "class=\"number\">last return</th><th class=\"number\">\u00b1 over episodes</th><th class=\"number\">best "
        "return</th><th class=\"number\">at update</th><th class=\"number\">return in the data</th><th "
        "class=\"number\">updates</th>";
    if (online) out_ += "<th class=\"number\">online steps</th>";
    out_ += "<th class=\"number\">training</th><th>folder</th></tr></thead>\n<tbody>\n";
    for (const auto& group : groups_) {
      for (const auto i : group.runs) result_row(all_[i], online);
      if (group.runs.size() > 1) mean_row(group, online);
    }
    out_ += "</tbody>\n</table>\n</div>\n";
  }
  void result_row(const ShownRun& run, bool online) {
    const auto r = returns_of(*run.run);
    const auto none = [&] { cell(dash, "number"); };
    out_ += "<tr><td class=\"text run\">" + swatch(run) + html(run.label) + "</td>";
    if (r.last != nullptr) {
      cell(*r.last->return_mean, number(*r.last->return_mean)), cell(*r.last->return_std, number(*r.last->return_std));
      cell(*r.best->return_mean, number(*r.best->return_mean)), cell(double(r.best->updates), grouped(r.best->updates));
    } else {
      none(), none(), none(), none();
    }
    if (const auto& returns = run.run->config.data.returns) cell(returns->mean, number(returns->mean));
    else none();
    cell(double(updates_of(*run.run)), grouped(updates_of(*run.run)));
    if (online) cell(double(online_steps_of(*run.run)), grouped(online_steps_of(*run.run)));
    if (run.run->rows.empty()) none();
    else cell(run.run->rows.back().seconds, duration(run.run->rows.back().seconds));
    out_ += "<td class=\"text\"><code>" + html(run.run->folder) + "</code></td></tr>\n";
  }
  // Of the last returns of a group's runs: the mean, and the standard deviation over runs (of a sample).
  void mean_row(const RunGroup& group, bool online) {
    std::vector<double> last;
    for (const auto i : group.runs)
      if (const auto r = returns_of(*all_[i].run); r.last != nullptr) last.push_back(*r.last->return_mean);
    if (last.size() < 2) return;
    const double mean = std::accumulate(last.begin(), last.end(), 0.0) / double(last.size());
    double squares = 0;
    for (const auto x : last) squares += (x - mean) * (x - mean);
    const double std = std::sqrt(squares / double(last.size() - 1));
    out_ += "<tr class=\"mean\"><td class=\"text run\">" + html(group.label) +
            fmt::format(", mean of {} seeds</td>", last.size());
    cell(mean, number(mean));
    out_ += fmt::format("<td class=\"number\" data-value=\"{}\">{} over seeds</td><td colspan=\"{}\"></td></tr>\n", std,
                        html(number(std)), online ? 7 : 6);
  }

  static ChartLine line_of(const ShownRun& run, bool of_groups) {
    ChartLine line{run.label, run.color};
    line.run = of_groups ? fmt::format("g{}", run.group) : run.id;
    return line;
  }
  // The mean over a group's runs, at every x where all of them have a value.
  static ChartLine mean_of(const std::vector<ChartLine>& lines) {
    std::map<double, std::pair<double, std::size_t>> sums;
    for (const auto& line : lines)
      for (std::size_t i = 0; i < line.x.size(); ++i) {
        auto& [sum, count] = sums[line.x[i]];
        sum += line.y[i], ++count;
      }
    ChartLine out;
    for (const auto& [x, sum] : sums)
      if (sum.second == lines.size()) out.x.push_back(x), out.y.push_back(sum.first / double(sum.second));
    return out;
  }
  // The curves of a quantity; `get` gives its value in a row.
  template <class Get>
  Chart chart_of(const std::string& title, const std::string& y_label, Get get, bool large) const {
    Chart chart{title, "updates", y_label};
    if (!large) chart.width = 360, chart.height = 200;
    for (const auto& group : groups_) {
      std::vector<ChartLine> lines;
      for (const auto i : group.runs) {
        auto line = line_of(all_[i], colors_are_groups());
        for (const auto& row : all_[i].run->rows)
          if (const auto x = get(row)) line.x.push_back(double(row.updates)), line.y.push_back(*x);
        if (!line.x.empty()) lines.push_back(std::move(line));
      }
      const bool several = lines.size() > 1;
      for (auto& line : lines)
        line.faint = several && colors_are_groups(), line.labeled = large && several && !line.faint;
      if (several) {
        auto mean = mean_of(lines);
        mean.color = colors_are_groups() ? lines[0].color : ChartLine::ink;
        mean.label = colors_are_groups() ? group.label : fmt::format("mean of {}", lines.size());
        mean.labeled = large;
        mean.run = colors_are_groups() ? lines[0].run : std::string("mean");
        for (auto& line : lines) chart.lines.push_back(std::move(line));
        if (mean.x.size() > 1) chart.lines.push_back(std::move(mean));
      } else {
        for (auto& line : lines) {
          line.labeled = large && all_.size() > 1;
          chart.lines.push_back(std::move(line));
        }
      }
    }
    std::set<std::int64_t> switches;
    for (const auto& run : all_)
      if (const auto& c = run.command(); c.online.steps > 0 && c.steps > 0) switches.insert(c.steps);
    for (const auto at : switches)
      chart.at_x.push_back({double(at), large && at == *switches.begin() ? "online from here" : ""});
    return chart;
  }

  void curves() {
    out_ += "<h2 id=\"curves\">Curves</h2>\n";
    if (all_.size() > 1) {
      out_ += "<ul class=\"legend\">\n";
      const auto entry = [&](const std::string& id, const std::string& color, const std::string& label) {
        out_ += fmt::format(
            "<li><button type=\"button\" aria-pressed=\"true\" data-run=\"{}\"><span class=\"swatch {}\"></span>{}"
            "</button></li>\n",
            id, color, html(label));
      };
      for (std::size_t g = 0; colors_are_groups() && g < groups_.size(); ++g) {
        const auto seeds = groups_[g].runs.size();
        entry(fmt::format("g{}", g), fmt::format("c{}", first_of(groups_[g]).color),
              groups_[g].label + (seeds > 1 ? fmt::format(", {} seeds", seeds) : ""));
      }
      if (!colors_are_groups()) {
        for (const auto& run : all_) entry(run.id, fmt::format("c{}", run.color), run.label);
        entry("mean", "ink", fmt::format("mean of {}", all_.size()));
      }
      out_ += "</ul>\n";
    }
    auto returns = chart_of(
        "episode return", "episode return", [](const Row& row) { return row.return_mean; }, true);
    if (all_.size() == 1 && !returns.lines.empty()) {
      for (const auto& row : all_[0].run->rows)
        if (row.return_mean) returns.lines[0].around.push_back(*row.return_std);
      returns.lines[0].label = "return";
    }
    std::set<double> behaviors;
    for (const auto& run : all_)
      if (const auto& r = run.run->config.data.returns) behaviors.insert(r->mean);
    if (!returns.lines.empty() && behaviors.size() <= 3)
      for (const double mean : behaviors) returns.at_y.push_back({mean, "behavior policy (data) " + number(mean)});
    if (const auto svg = svg_of(returns); !svg.empty())
      out_ += "<figure class=\"card\" id=\"returns\">\n<figcaption><b>episode return</b><span>" +
              std::string(all_.size() == 1
                              ? "mean of an evaluation's episodes; the band is one standard deviation over them"
                          : several_seeds() ? "mean of an evaluation's episodes; bold: mean over seeds"
                                            : "mean of an evaluation's episodes") +
              "</span></figcaption>\n<div class=\"scroll wide\">\n" + svg + "</div>\n</figure>\n";

    std::vector<std::string> names;
    for (const auto& run : all_)
      for (const auto& row : run.run->rows)
        for (const auto& [name, x] : row.metrics)
          if (name != "environment_steps" && std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    if (names.empty() && returns.lines.empty()) {
      out_ += "<p>No row of metrics.csv was written yet.</p>\n";
      return;
    }
    out_ += "<div class=\"charts\">\n";
    for (const auto& name : names) {
      const auto chart = chart_of(
          name, "", [&](const Row& row) { return row.metric(name); }, false);
      auto svg = svg_of(chart);
      if (svg.empty()) svg = "<p>No value of it is finite.</p>\n";
      out_ += "<figure class=\"card\">\n<figcaption><b>" + html(name) + "</b><span>" + html(summary(chart)) +
              "</span></figcaption>\n" + svg + "</figure>\n";
    }
    out_ +=
        "</div>\n<p class=\"quiet\">Each value is the mean of the updates since the row before. A line of very many "
        "points is drawn through the least and the largest of its pieces; metrics.csv has all.</p>\n";
  }
  // The last value, of one run alone.
  std::string summary(const Chart& chart) const {
    if (all_.size() > 1 || chart.lines.empty() || chart.lines[0].y.empty()) return "";
    return "last " + number(chart.lines[0].y.back());
  }

  void differences() {
    out_ += "<h2>Settings that differ</h2>\n<div class=\"card scroll\">\n";
    difference_table(differing(true), "differences");
    const auto others = differing(false);
    if (!others.empty()) {
      out_ +=
          fmt::format("<details><summary>{} more, which are defaults of their algorithms</summary>\n", others.size());
      difference_table(others, "other-differences");
      out_ += "</details>\n";
    }
    out_ += "</div>\n";
  }
  void difference_table(const std::vector<std::string>& keys, const char* id) {
    out_ += fmt::format("<table id=\"{}\">\n<thead><tr><th>setting</th>", id);
    for (const auto& group : groups_) out_ += "<th>" + swatch(first_of(group)) + html(group.label) + "</th>";
    out_ += "</tr></thead>\n<tbody>\n";
    for (const auto& key : keys) {
      out_ += "<tr><td class=\"key\">" + html(key) + "</td>";
      for (const auto& group : groups_) {
        const auto* s = first_of(group).setting(key);
        out_ += "<td class=\"text\">" + (s == nullptr ? std::string(dash) : value_of(*s)) + "</td>";
      }
      out_ += "</tr>\n";
    }
    if (keys.empty()) out_ += "<tr><td colspan=\"9\">The data differ, and no setting does.</td></tr>\n";
    out_ += "</tbody>\n</table>\n";
  }

  void settings() {
    out_ += "<h2>Settings</h2>\n";
    for (const auto& group : groups_) {
      const auto& run = first_of(group);
      const auto count = std::size_t(
          std::count_if(run.settings.begin(), run.settings.end(), [](const auto& s) { return s.changed(); }));
      const bool known =
          std::any_of(run.settings.begin(), run.settings.end(), [](const auto& s) { return s.usual.has_value(); });
      out_ += "<div class=\"card\">\n";
      if (groups_.size() > 1) out_ += "<h3>" + swatch(run) + html(group.label) + "</h3>\n";
      if (const auto* a = find_algorithm(run.command().algorithm, space_of(run.run->config.data.kind)))
        out_ += "<p class=\"quiet\"><code>" + html(a->slots) + "</code></p>\n";
      else out_ += "<p class=\"quiet\">This program does not know the algorithm, and so not its defaults.</p>\n";
      if (known) out_ += fmt::format("<p>{} of {} settings are not their defaults.</p>\n", count, run.settings.size());
      std::map<std::string, std::string> why;
      if (run.run->config.chosen.is_array())
        for (const auto& each : run.run->config.chosen) why[each["key"].get<std::string>()] = each["reason"];
      out_ += "<div class=\"scroll\">\n";
      setting_table(run, why, [](const ShownSetting& s) { return s.changed() || !s.usual; });
      out_ += fmt::format("</div>\n<details><summary>the others, {} defaults</summary>\n<div class=\"scroll\">\n",
                          std::count_if(run.settings.begin(), run.settings.end(),
                                        [](const auto& s) { return s.usual && !s.changed(); }));
      setting_table(run, why, [](const ShownSetting& s) { return s.usual && !s.changed(); });
      out_ += "</div>\n</details>\n</div>\n";
    }
  }
  template <class Shown>
  void setting_table(const ShownRun& run, const std::map<std::string, std::string>& why, Shown shown) {
    out_ +=
        "<table "
        "class=\"settings\">\n<thead><tr><th>setting</th><th>value</th><th>default</th><th>meaning</th></tr></thead>\n"
        "<tbody>\n";
    bool any = false;
    for (const auto& s : run.settings) {
      if (!shown(s)) continue;
      any = true;
      const auto reason = why.find(s.key);
      out_ += fmt::format(
          "<tr><td class=\"key\">{}</td><td class=\"text\">{}</td><td class=\"text\">{}</td><td class=\"text "
          "quiet\">{}{}</td></tr>\n",
          html(s.key), value_of(s), s.usual ? html(*s.usual) : dash, html(s.about),
          reason == why.end() ? "" : " <b>chosen for the data</b>: " + html(reason->second));
    }
    if (!any) out_ += "<tr><td colspan=\"4\">none</td></tr>\n";
    out_ += "</tbody>\n</table>\n";
  }

  void data() {
    out_ += "<h2>Data</h2>\n";
    std::vector<std::pair<std::string, std::vector<const ShownRun*>>> kinds;
    for (const auto& run : all_) {
      const auto& c = run.run->config;
      const auto key = c.command.dataset + "\n" + c.data.hash + "\n" + c.findings.dump() + "\n" + c.chosen.dump();
      const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.first == key; });
      if (found == kinds.end()) kinds.push_back({key, {&run}});
      else found->second.push_back(&run);
    }
    for (const auto& [key, runs] : kinds) data_of(*runs.front(), runs, kinds.size() > 1);
  }
  void data_of(const ShownRun& run, const std::vector<const ShownRun*>& runs, bool several) {
    const auto& config = run.run->config;
    const auto& d = config.data;
    const auto& spaces = d.spaces;
    out_ += "<div class=\"card\">\n";
    if (several) {
      out_ += "<p class=\"quiet\">";
      for (const auto* each : runs) out_ += (each == runs.front() ? "" : ", ") + html(each->label);
      out_ += "</p>\n";
    }
    out_ += "<div class=\"scroll\">\n<table class=\"facts\">\n<tbody>\n";
    fact("data", config.command.dataset.empty() ? "the run's own first steps: it has no log" : config.command.dataset);
    fact("content hash", d.hash);
    fact("transitions, episodes", grouped(d.transitions) + ", " + grouped(d.episodes));
    fact("observations", fmt::format("{} number{}{}", d.observation_size, d.observation_size == 1 ? "" : "s",
                                     named(spaces.observation_names)));
    fact("actions", d.kind == action_kind::discrete
                        ? fmt::format("discrete, {} of them{}", d.action_size, named(spaces.action_names))
                        : fmt::format("continuous, {} number{}{}", d.action_size, d.action_size == 1 ? "" : "s",
                                      named(spaces.action_names)));
    if (const auto limits = limits_of(config.action_limits); !limits.empty()) fact("action limits", limits);
    if (const auto& r = d.returns)
      fact("episode returns", fmt::format("mean {}, standard deviation {}, from {} to {}", number(r->mean),
                                          number(r->std), number(r->min), number(r->max)));
    if (const auto& i = config.imagined; !i.is_null()) {
      if (i.contains("model")) fact("dynamics model", i["model"].get<std::string>());
      if (i.contains("rows")) fact("imagined transitions", "at most " + grouped(i["rows"].get<std::int64_t>()));
    }
    out_ += "</tbody>\n</table>\n</div>\n<h3>What was noticed in them</h3>\n";
    if (config.findings.is_null())
      out_ += "<p class=\"quiet\">The run is of an earlier version, which did not keep it.</p>\n";
    else if (config.findings.empty()) out_ += "<p>Nothing.</p>\n";
    else
      for (const auto& each : config.findings)
        out_ += "<p class=\"finding\"><b>" + html(each["name"].get<std::string>(), 128) + "</b> " +
                html(each["message"].get<std::string>()) + "</p>\n";
    if (config.chosen.is_array() && !config.chosen.empty()) {
      out_ += "<h3>What was chosen to suit them</h3>\n";
      for (const auto& each : config.chosen)
        out_ += "<p class=\"chosen\"><code>" +
                html(each["key"].get<std::string>() + " = " + setting_text(each["value"])) + "</code> " +
                html(each["reason"].get<std::string>()) + "</p>\n";
    }
    out_ += "</div>\n";
  }
  static std::string named(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 32); ++i) text += (i == 0 ? ": " : ", ") + names[i];
    return text + (names.size() > 32 ? fmt::format(" and {} more", names.size() - 32) : "");
  }
  void fact(const char* what, const std::string& value) {
    out_ += fmt::format("<tr><th>{}</th><td class=\"text\">{}</td></tr>\n", what, html(value));
  }

  // One column where all runs agree; else a row for each run.
  void platform() {
    const auto or_dash = [](const std::string& x) { return x.empty() ? std::string(dash) : x; };
    out_ += "<h2>Platform and time</h2>\n<div class=\"card scroll\">\n<table id=\"platform\">\n<thead><tr>";
    if (all_.size() > 1) out_ += "<th>run</th>";
    out_ +=
        "<th class=\"number\">seed</th><th class=\"number\">training</th><th class=\"number\">updates/s</th><th>last "
        "written</th><th>device</th><th class=\"number\">threads</th><th>matrix "
        "product</th><th>libtorch</th><th>Tessera"
        "</th><th>build</th></tr></thead>\n<tbody>\n";
    for (const auto& run : all_) {
      const auto& p = run.run->config.platform;
      const double seconds = run.run->rows.empty() ? 0 : run.run->rows.back().seconds;
      out_ += "<tr>";
      if (all_.size() > 1) out_ += "<td class=\"text\">" + swatch(run) + html(run.label) + "</td>";
      cell(std::to_string(run.command().seed), "number");
      cell(seconds, duration(seconds));
      cell(seconds > 0 ? fmt::format("{:.0f}", double(updates_of(*run.run)) / seconds) : dash, "number");
      cell(moment(run.run->written_at)), cell(p.device), cell(std::to_string(p.threads), "number");
      cell(p.product), cell(p.libtorch), cell(or_dash(p.version)), cell(or_dash(p.build));
      out_ += "</tr>\n";
    }
    out_ += "</tbody>\n</table>\n</div>\n";
  }

  std::vector<ShownRun> all_;
  std::vector<RunGroup> groups_;
  std::string out_;
};
}  // namespace detail

TESSERA_CLI_INLINE std::string report_html(const std::vector<ReportedRun>& runs) {
  if (runs.empty()) throw Error("a report needs a run; name the folder of one");
  return detail::Page(runs).text();
}
}  // namespace tessera::cli
