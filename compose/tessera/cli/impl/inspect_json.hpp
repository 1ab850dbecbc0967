#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/inspect_json.hpp>
#include <tessera/cli/limits.hpp>
#include <tessera/cli/spaces_json.hpp>
#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace detail {
// Of `count` rows of `width` numbers; row(i) points to them.  In float64 and two passes.  A scalar's column has an
// empty shape.
template <class Row>
json column_json(std::int64_t count, std::int64_t width, bool scalar, Row row) {
  json out = {{"dtype", "float32"}, {"row_shape", scalar ? json::array() : json::array({width})}, {"rows", count}};
  for (const char* key : {"mean", "std", "min", "max"}) out[key] = json::array();
  if (count == 0) return out;
  std::vector<Spread> columns(static_cast<std::size_t>(width));
  const auto each = [&](auto&& f) {
    for (std::int64_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < columns.size(); ++j) f(columns[j], double(row(i)[j]));
  };
  for (std::size_t j = 0; j < columns.size(); ++j) columns[j].min = columns[j].max = double(row(0)[j]);
  each([&](Spread& s, double x) {
    s.mean += x;
    s.min = std::min(s.min, x), s.max = std::max(s.max, x);
  });
  for (auto& s : columns) s.mean /= double(count);
  each([&](Spread& s, double x) { s.std += (x - s.mean) * (x - s.mean); });
  for (const auto& s : columns) {
    out["mean"].push_back(s.mean), out["std"].push_back(std::sqrt(s.std / double(count)));
    out["min"].push_back(s.min), out["max"].push_back(s.max);
  }
  return out;
}
inline json numbers_json(const float* x, std::int64_t count) {
  json out = json::array();
  for (std::int64_t j = 0; j < count; ++j) out.push_back(double(x[j]));
  return out;
}
inline json action_json(const Dataset& data, std::int64_t i) {
  if (data.kind == action_kind::continuous)
    return numbers_json(data.actions.data() + i * data.action_size, data.action_size);
  const auto action = data.action_indices[std::size_t(i)];
  const auto& s = data.spaces;
  if (!s.action_names.empty()) return printable_name(s.action_names[std::size_t(action)]);
  return s.first_action + action;
}
inline json transition_json(const Dataset& data, std::int64_t i, bool truncated) {
  const bool terminated = data.terminals[std::size_t(i)] != 0;
  json out = {{"observation", numbers_json(data.observation(i), data.observation_size)},
              {"action", action_json(data, i)},
              {"reward", double(data.rewards[std::size_t(i)])}};
  out["next_observation"] =
      data.knows_next(i) ? numbers_json(data.next_observation(i), data.observation_size) : json(nullptr);
  out["terminated"] = terminated, out["truncated"] = truncated;
  return out;
}
// Where the observations of all steps are: of those that gave no transition too, as far as the transition before them
// leads there.
inline std::vector<std::int64_t> observation_rows(const Dataset& data) {
  std::vector<std::int64_t> rows = data.observation_row;
  for (const auto& e : data.episodes) {
    const auto last = e.first + e.transitions - 1;
    if (e.transitions > 0 && e.rows == e.transitions + 1 && data.knows_next(last) &&
        data.terminals[std::size_t(last)] == 0)
      rows.push_back(data.next_observation_row[std::size_t(last)]);
  }
  return rows;
}
}  // namespace detail

TESSERA_CLI_INLINE json inspect_json(const Dataset& data) {
  const bool discrete = data.kind == action_kind::discrete;
  const auto n = data.observation_size;
  json lengths = json::array(), returns = json::array(), ends = json::array();
  std::int64_t steps = 0, terminated = 0, truncated = 0;
  for (const auto& e : data.episodes) {
    const bool terminal = e.transitions > 0 && data.terminals[std::size_t(e.first + e.transitions - 1)] != 0;
    const char* const end = terminal ? "terminated" : e.complete ? "truncated" : "none";
    steps += e.rows, truncated += !terminal && e.complete;
    lengths.push_back(e.rows), returns.push_back(e.episode_return), ends.push_back(end);
  }
  for (const auto flag : data.terminals) terminated += flag;
  json out = {{"file", printable(data.name)},
              {"format", printable_name(data.format)},
              {"content_hash", hash_text(content_hash(data))},
              {"actions", discrete ? "discrete" : "continuous"},
              {"observation_size", n},
              {"action_size", data.action_size},
              {"episodes", data.episodes.size()},
              {"steps", steps},
              {"transition_count", data.size()}};
  out["episode_lengths"] = lengths, out["episode_returns"] = returns;
  out["terminations"] = terminated, out["truncations"] = truncated, out["episode_end"] = ends;

  auto& columns = out["columns"];
  const auto observations = detail::observation_rows(data);
  columns["observation"] = detail::column_json(std::int64_t(observations.size()), n, false, [&](std::int64_t i) {
    return data.observations.data() + observations[std::size_t(i)] * n;
  });
  std::vector<std::int64_t> known;
  for (std::int64_t i = 0; i < data.size(); ++i)
    if (data.knows_next(i)) known.push_back(i);
  columns["next_observation"] = detail::column_json(std::int64_t(known.size()), n, false, [&](std::int64_t i) {
    return data.next_observation(known[std::size_t(i)]);
  });
  if (discrete) {
    std::vector<float> indices;
    std::vector<std::int64_t> counts(std::size_t(data.action_size), 0);
    for (const auto action : data.action_indices)
      indices.push_back(float(data.spaces.first_action + action)), ++counts[std::size_t(action)];
    auto& column = columns["action"] =
        detail::column_json(data.size(), 1, true, [&](std::int64_t i) { return indices.data() + i; });
    column["dtype"] = "int64";
    column["counts"] = counts;  // of each action, from the first one on
  } else {
    columns["action"] = detail::column_json(data.size(), data.action_size, false,
                                            [&](std::int64_t i) { return data.actions.data() + i * data.action_size; });
    out["action_limits"] = {{"low", detail::bounds_json(data.action_low)},
                            {"high", detail::bounds_json(data.action_high)},
                            {"from", detail::origin_name(data.limits_from)}};
  }
  columns["reward"] =
      detail::column_json(data.size(), 1, true, [&](std::int64_t i) { return data.rewards.data() + i; });
  if (data.has_propensities())
    columns["propensity"] =
        detail::column_json(data.size(), 1, true, [&](std::int64_t i) { return data.propensities.data() + i; });

  std::vector<std::size_t> with;
  for (std::size_t e = 0; e < data.episodes.size(); ++e)
    if (data.episodes[e].transitions > 0) with.push_back(e);
  auto& transitions = out["transitions"] = json::object();
  const auto put = [&](const char* key, std::size_t which) {
    const auto& e = data.episodes[which];
    const auto last = e.first + e.transitions - 1;
    // The last transition is the last step, unless that gave none.
    const bool whole = e.rows == e.transitions;
    const bool cut = whole && e.complete && data.terminals[std::size_t(last)] == 0;
    transitions[key] = {{"episode_index", which},
                        {"length", e.rows},
                        {"transitions", e.transitions},
                        {"first_transition", detail::transition_json(data, e.first, cut && e.first == last)},
                        {"last_transition", detail::transition_json(data, last, cut)}};
  };
  put("first", with.front());
  if (with.size() > 1) put("second", with[1]);
  put("last", with.back());

  auto spaces = data.spaces;
  for (auto* names : {&spaces.observation_names, &spaces.action_names})
    for (auto& name : *names) name = printable_name(name);  // from a file
  out["spaces"] = spaces_json(spaces), out["task"] = task_json(data.task);
  auto& warnings = out["warnings"] = json::array();
  for (const auto& w : data.warnings)
    warnings.push_back({{"name", printable_name(w.name)}, {"message", printable(w.message)}});
  return out;
}
}  // namespace tessera::cli
