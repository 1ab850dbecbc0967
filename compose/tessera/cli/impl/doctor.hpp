#pragma once
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/doctor.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/limits.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/pretty_json.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/dataset/cut_episodes.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace detail {
// The file of the picture without its ending: --plot names the file, or a folder.
inline std::string picture_base(const std::string& plot) {
  namespace fs = std::filesystem;
  const fs::path path(plot);
  std::error_code code;
  if (fs::is_directory(path, code)) return (path / "doctor").string();
  if (path.extension() != ".png" && path.extension() != ".svg")
    throw Error("--plot: '" + printable(plot) + "' is neither a folder nor a file that ends in .png or .svg");
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, code))
    throw Error(printable(folder.string()) + ": there is no such folder; give another --plot");
  return (path.parent_path() / path.stem()).string();
}
inline std::string picture_ending(const std::string& plot) { return plot.ends_with(".svg") ? ".svg" : ".png"; }

// Names from "a,b" and from several flags.
inline std::vector<std::string> names_in(const std::vector<std::string>& given) {
  std::vector<std::string> out;
  for (const auto& list : given)
    for (auto& name : split_at(list, ',')) out.push_back(std::move(name));
  return out;
}
}  // namespace detail

TESSERA_CLI_INLINE json json_of(const DoctorReport& report) {
  constexpr auto any_length = std::numeric_limits<std::size_t>::max();
  const auto text = [](const std::string& x) { return printable(x, any_length); };
  json findings = json::array(), checks = json::array(), measures = json::object();
  for (const auto& f : report.findings)
    findings.push_back({{"name", text(f.name)},
                        {"severity", severity_name(f.level)},
                        {"what", text(f.what)},
                        {"key", text(f.key)},
                        {"count", f.count},
                        {"rows", f.rows},
                        {"episodes", f.episodes},
                        {"why", text(f.why)},
                        {"advice", text(f.advice)},
                        {"repair", f.repair.empty() ? json(nullptr) : json(f.repair)}});
  for (const auto& c : report.checks)
    checks.push_back({{"name", text(c.name)},
                      {"result", !c.not_run.empty() ? "not run"
                                 : c.found > 0      ? "found"
                                                    : "clean"},
                      {"findings", c.found},
                      {"reason", c.not_run.empty() ? json(nullptr) : json(text(c.not_run))}});
  for (const auto& m : report.measures) measures[m.name] = m.value;
  return {{"data", text(report.name)},
          {"format", text(report.format)},
          {"rows", report.rows},
          {"transitions", report.transitions},
          {"episodes", report.episodes},
          {"clean", report.clean()},
          {"findings", findings},
          {"measures", measures},
          {"checks", checks}};
}

TESSERA_CLI_INLINE int examine(const DoctorCommand& c) {
  DoctorOptions options{.only = detail::names_in(c.only)};
  const auto base = c.plot.empty() ? std::string() : detail::picture_base(c.plot);
  require_dataset(c.dataset);
  if (!c.against.empty()) require_dataset(c.against);
  const auto read = [&](const std::string& source) {
    auto data = in_memory(load(source, c.reading, true), c.reading);
    return c.episode_length == 0 ? data : cut_episodes(std::move(data), c.episode_length);
  };
  auto data = read(c.dataset);
  declare_limits(data, c.action_low, c.action_high);
  std::optional<Dataset> other;
  if (!c.against.empty()) {
    other = read(c.against);
    if (other->observation_size != data.observation_size || other->kind != data.kind)
      throw Error(printable(other->name) + ": has " + std::to_string(other->observation_size) + " numbers and " +
                  (other->kind == action_kind::discrete ? "discrete" : "continuous") + " actions, " +
                  printable(data.name) + " " + std::to_string(data.observation_size) + " and " +
                  (data.kind == action_kind::discrete ? "discrete" : "continuous") + " ones; compare data of one task");
    options.against = &*other;
  }
  const auto report = tessera::doctor(data, options);
  if (c.as_json) fmt::print("{}\n", pretty(json_of(report)));
  else fmt::print("{}", text_of(report, c.dataset));
  if (!base.empty()) {
    const auto picture = picture_of(data);
    const auto ending = detail::picture_ending(c.plot);
    const auto missing = undrawn(base, {ending}, picture.width, picture.height, short_name(data), picture.script);
    if (!missing.empty()) throw Error(missing);
    say("picture: {}{}", base, ending);
  }
  return report.clean() ? 0 : 1;
}
}  // namespace tessera::cli
