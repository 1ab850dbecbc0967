#pragma once
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/io/column_mapping.hpp>
#include <tessera/io/write_csv.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/shortest_text.hpp>

namespace tessera::detail {
TESSERA_INLINE std::string csv_field(const std::string& text) {
  // Spaces at the ends are a reader's to trim, and '#' may begin a comment.
  const bool plain = !text.empty() && text.find_first_of(",;\t\"\r\n#") == std::string::npos && text.front() != ' ' &&
                     text.back() != ' ';
  if (plain) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

// Lines of comma-separated fields.
class CsvLines {
 public:
  explicit CsvLines(AtomicFile& file) : file_(file) {}
  template <class T>
  void number(T x) {
    char text[48];
    field({text, std::size_t(std::to_chars(text, text + sizeof text, x).ptr - text)});
  }
  // With a point or an exponent, so that whole numbers are not taken for discrete actions.
  void real(float x) { field(real_text(x)); }
  void flag(bool x) { field(x ? "True" : "False"); }
  void field(std::string_view text) {
    if (!first_) buffer_ += ',';
    first_ = false, buffer_ += text;
  }
  void end_line() {
    buffer_ += '\n', first_ = true;
    if (buffer_.size() > 1 << 20) flush();
  }
  void flush() { file_.write(buffer_), buffer_.clear(); }

 private:
  AtomicFile& file_;
  std::string buffer_;
  bool first_ = true;
};
// How the columns have to be named when they are read again; "" if they are found by themselves.
TESSERA_INLINE std::string csv_mapping(const CsvColumns& columns, bool by_label) {
  std::vector<ColumnHead> heads;
  ChosenColumns ours;
  const auto add = [&](const std::string& name, bool text = false) {
    heads.push_back({name, 1, text});
    return heads.size() - 1;
  };
  ours.episode = {add("episode")};
  for (const auto& name : columns.observations) ours.observation.push_back(add(name));
  for (const auto& name : columns.actions) ours.action.push_back(add(name, by_label));
  ours.reward = add("reward"), ours.terminated = add("terminated"), ours.truncated = add("truncated");
  if (columns.propensity) ours.propensity = add("propensity");
  for (const auto& name : columns.next_observations) ours.next.push_back(add(name));
  const auto found = guess_columns(heads);
  const bool same = found.episode == ours.episode && !found.step && found.observation == ours.observation &&
                    found.action == ours.action && found.next == ours.next;
  return same ? "" : mapping_text(heads, ours);
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE CsvColumns csv_columns(const Dataset& data) {
  const auto& s = data.spaces;
  CsvColumns out;
  const auto numbered = [](const char* what, std::int64_t i) { return what + ("_" + std::to_string(i)); };
  const auto own = [](const std::string& name) {
    static const std::set<std::string> ours = {"episode", "action", "reward", "terminated", "truncated", "propensity"};
    return !name.empty() && !ours.contains(name) && !name.starts_with("action_") && !name.starts_with("next_");
  };
  const auto distinct = [](const std::vector<std::string>& names) {
    return std::set<std::string>(names.begin(), names.end()).size() == names.size();
  };
  out.propensity = data.has_propensities();
  if (const auto& names = s.observation_names; !names.empty()) {
    out.own_names = distinct(names) && std::all_of(names.begin(), names.end(), own);
    if (out.own_names) out.observations = names;
  }
  if (out.observations.empty())
    for (std::int64_t j = 0; j < data.observation_size; ++j) out.observations.push_back(numbered("observation", j));
  for (const auto& name : out.observations) out.next_observations.push_back("next_" + name);

  const bool discrete = data.kind == action_kind::discrete;
  if (!discrete && !s.action_names.empty()) {
    if (distinct(s.action_names))
      for (const auto& name : s.action_names)
        out.actions.push_back((name.starts_with("action") ? "" : "action_") + name);
    else out.own_names = false;
  }
  const auto count = !discrete ? data.action_size : std::max<std::int64_t>(1, std::int64_t(s.action_factors.size()));
  if (out.actions.empty() && count == 1) out.actions = {"action"};
  if (out.actions.empty())
    for (std::int64_t j = 0; j < count; ++j) out.actions.push_back(numbered("action", j));
  return out;
}

TESSERA_INLINE Losses write_csv(const std::string& path, const Dataset& data) {
  const EpisodeParts all(data);
  const auto n = data.observation_size, d = data.action_size;
  const auto& s = data.spaces;
  const bool discrete = data.kind == action_kind::discrete;
  const auto columns = csv_columns(data);
  std::vector<std::string> labels;
  for (const auto& name : s.action_names) labels.push_back(detail::csv_field(name));
  const bool by_label = discrete && !labels.empty() && s.action_factors.empty() &&
                        std::set<std::string>(labels.begin(), labels.end()).size() == labels.size();
  write_atomically(path, [&](AtomicFile& file) {
    detail::CsvLines to(file);
    to.field("episode");
    for (const auto& name : columns.observations) to.field(detail::csv_field(name));
    for (const auto& name : columns.actions) to.field(detail::csv_field(name));
    for (const char* name : {"reward", "terminated", "truncated"}) to.field(name);
    if (columns.propensity) to.field("propensity");
    for (const auto& name : columns.next_observations) to.field(detail::csv_field(name));
    to.end_line();
    std::int64_t episode = 0;
    for (const auto& part : all.parts()) {
      const auto end = part.first + part.steps;
      for (auto i = part.first; i < end; ++i) {
        const auto at = std::size_t(i);
        to.number(episode);
        for (std::int64_t j = 0; j < n; ++j) to.number(data.observation(i)[j]);
        if (!discrete)
          for (std::int64_t j = 0; j < d; ++j) to.real(data.actions[std::size_t(i * d + j)]);
        else if (by_label) to.field(labels[std::size_t(data.action_indices[at])]);
        else if (s.action_factors.empty()) to.number(s.first_action + data.action_indices[at]);
        else
          for (const auto choice : detail::choices_of(data.action_indices[at], s.action_factors)) to.number(choice);
        to.number(data.rewards[at]);
        to.flag(data.terminals[at] != 0), to.flag(i + 1 == end && part.truncated);
        if (columns.propensity) to.number(data.propensities[at]);
        for (std::int64_t j = 0; j < n; ++j)
          if (data.knows_next(i)) to.number(data.next_observation(i)[j]);
          else to.field("");
        to.end_line();
      }
      ++episode;
    }
    to.flush();
  });

  Losses lost;
  all.lose_rows(lost);
  if (!columns.own_names) all.lose_names(lost);
  all.lose_bounds(lost), all.lose_action_count(lost), all.lose_task(lost);
  if (const auto mapping = detail::csv_mapping(columns, by_label); !mapping.empty())
    lost.push_back(
        {"columns", "which column is what is not clear from their names: read it with --columns '" + mapping + "'"});
  all.lose_inner_terminals(lost, "read again, it ends there");
  all.lose_open_ends(lost, "it has no end mark, and counts as cut there when it is read again");
  return lost;
}
}  // namespace tessera
