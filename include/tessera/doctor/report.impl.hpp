#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/doctor/report.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
TESSERA_INLINE void DoctorReport::add(Finding finding) {
  if (finding.name.empty()) finding.name = running_, finding.level = level_;
  findings.push_back(std::move(finding));
}
TESSERA_INLINE bool DoctorReport::clean() const {
  return std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.level == severity::note; });
}
TESSERA_INLINE std::vector<Finding> DoctorReport::named(const std::string& finding) const {
  std::vector<Finding> out;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(out),
               [&](const Finding& f) { return f.name == finding; });
  return out;
}
TESSERA_INLINE void DoctorReport::begin(const std::string& check, severity level) {
  running_ = check, level_ = level, before_ = findings.size();
}
TESSERA_INLINE void DoctorReport::end() {
  checks.push_back({running_, std::int64_t(findings.size() - before_)});
  running_.clear();
}

namespace detail {
// Text in lines of at most `width` columns, the first after `head`, the others indented as far.  A word that is longer
// stands alone.  Columns are counted in characters of UTF-8.
TESSERA_INLINE std::string wrap_text(const std::string& head, std::string_view text, std::size_t width) {
  const auto columns = [](std::string_view s) {
    return std::size_t(
        std::count_if(s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  };
  const std::string indent(columns(head), ' ');
  std::string out, line = head;
  bool fresh = true;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const auto word = text.substr(0, space);
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    if (!fresh && columns(line) + 1 + columns(word) > width) {
      out += line + "\n";
      line = indent;
      fresh = true;
    }
    line += (fresh ? "" : " ") + std::string(word);
    fresh = false;
  }
  return out + line + "\n";
}
// "rows 3, 17 and 4 more"
TESSERA_INLINE std::string listed(const char* one, const char* many, const std::vector<std::int64_t>& first,
                                  std::int64_t count) {
  if (first.empty()) return "";
  const auto shown = std::min<std::size_t>(first.size(), 6);
  std::string out = count == 1 ? one : many;
  for (std::size_t i = 0; i < shown; ++i) out += (i == 0 ? " " : ", ") + std::to_string(first[i]);
  const auto more = std::max(count, std::int64_t(first.size())) - std::int64_t(shown);
  return out + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}
TESSERA_INLINE std::string where_of(const Finding& f) {
  std::string out = f.key;
  const auto add = [&](const std::string& text) {
    if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
  };
  add(listed("row", "rows", f.rows, f.count));
  add(listed("episode", "episodes", f.episodes, f.rows.empty() ? f.count : 0));
  return out.empty() ? "the whole of the data" : out;
}
TESSERA_INLINE std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}
}  // namespace detail

TESSERA_INLINE std::string text_of(const DoctorReport& report, const std::string& source) {
  constexpr std::size_t width = 100;
  const auto plural = [](std::int64_t n, const std::string& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  auto out = detail::wrap_text("", printable(report.name) + " (" + report.format + ")", width);
  out += "  " + plural(report.rows, "row") + ", " + plural(report.transitions, "transition") + ", " +
         plural(report.episodes, "episode") + "\n";
  std::int64_t levels[3] = {0, 0, 0};
  for (const auto& f : report.findings) ++levels[int(f.level)];
  std::string lacking;
  std::int64_t run = 0;
  for (const auto& c : report.checks) {
    if (c.not_run.empty()) ++run;
    else lacking += (lacking.empty() ? "" : ", ") + c.name + " (" + c.not_run + ")";
  }
  out += "  " + plural(run, "check") + ": " +
         (report.findings.empty()
              ? std::string("nothing found")
              : plural(levels[2], "error") + ", " + plural(levels[1], "warning") + ", " + plural(levels[0], "note")) +
         "\n";
  if (!lacking.empty()) out += detail::wrap_text("  not run: ", lacking, width);
  if (!report.measures.empty()) out += "\n";
  for (const auto& m : report.measures)
    out += detail::wrap_text("  " + detail::padded(m.name, 22) + " ", detail::short_number(m.value) + " " + m.about,
                             width);
  if (report.findings.empty()) return out;

  std::size_t longest = 7;
  for (const auto& f : report.findings) longest = std::max(longest, f.name.size());
  longest = std::min<std::size_t>(longest, 32);
  const auto line = [&](const std::string& level, const std::string& name, const std::string& rows,
                        const std::string& where) {
    return detail::wrap_text("  " + detail::padded(level, 8) + " " + detail::padded(name, longest) + " " +
                                 std::string(rows.size() < 9 ? 9 - rows.size() : 0, ' ') + rows + "  ",
                             where, width);
  };
  out += "\n" + line("severity", "finding", "rows", "where");
  for (const auto& f : report.findings)
    out += line(severity_name(f.level), f.name, f.count > 0 ? std::to_string(f.count) : "-",
                printable(detail::where_of(f), 256));
  const auto in = printable(source.empty() ? report.name : source);
  for (const auto& f : report.findings) {
    out += "\n" + std::string(severity_name(f.level)) + ": " + f.name + "\n";
    const auto item = [&](const char* head, const std::string& text) {
      if (!text.empty()) out += detail::wrap_text(head, printable(text), width);
    };
    item("  what    ", f.what);
    item("  where   ", detail::where_of(f));
    item("  why     ", f.why);
    item("  do      ", f.advice);
    // In one line, to be copied.
    if (!f.repair.empty()) out += "  repair  tessera convert " + in + " OUT --repair " + f.repair + "\n";
  }
  return out;
}
}  // namespace tessera
