#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tessera/dataset/same_observation.hpp>
#include <tessera/doctor/columns.hpp>
#include <tessera/doctor/ends.hpp>
#include <tessera/doctor/steps.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
// Where episodes begin: the middle half of each column of their first observations, and twice as much on either side;
// anywhere, for all that is known, if they are fewer than twenty.
class Starts {
 public:
  explicit Starts(const Dataset& data) : low_(std::size_t(data.observation_size)), high_(low_.size()) {
    std::vector<std::int64_t> first;
    for (const auto& e : data.episodes)
      if (e.transitions > 0) first.push_back(e.first);
    known_ = first.size() >= 20;
    for (std::size_t j = 0; known_ && j < low_.size(); ++j) {
      std::vector<float> x;
      for (const auto i : first) x.push_back(data.observation(i)[j]);
      const auto at = [&](double q) {
        const auto rank = x.begin() + std::ptrdiff_t(q * double(x.size() - 1));
        std::nth_element(x.begin(), rank, x.end());
        return double(*rank);
      };
      const double low = at(0.25), high = at(0.75),
                   margin = 2 * (high - low) + 1e-6 * std::max(std::abs(low), std::abs(high));
      low_[j] = low - margin, high_[j] = high + margin;
    }
  }
  bool far(const float* x) const {
    for (std::size_t j = 0; known_ && j < low_.size(); ++j)
      if (double(x[j]) < low_[j] || double(x[j]) > high_[j]) return true;
    return false;
  }

 private:
  std::vector<double> low_, high_;
  bool known_ = false;
};
inline std::int64_t last_of(const Episode& e) { return e.first + e.transitions - 1; }
// The last transitions of some episodes.
inline FoundRows last_rows(const Dataset& data, const std::vector<std::int64_t>& episodes) {
  FoundRows rows;
  for (const auto e : episodes) rows.add(last_of(data.episodes[std::size_t(e)]));
  return rows;
}
}  // namespace detail

TESSERA_INLINE EarlyTerminals early_terminals(const Dataset& data) {
  EarlyTerminals out;
  std::vector<std::int64_t> exact, alike;  // candidates: with a known next observation, and without
  std::vector<std::int64_t> doubled_alike;
  std::int64_t terminals = 0, single = 0;
  if (is_bandit(data)) return out;
  const StepLengths steps(data);
  const SameObservation same(data.observations, data.observation_size);
  const detail::Starts starts(data);
  for (std::size_t e = 0; e + 1 < data.episodes.size(); ++e) {
    const auto &a = data.episodes[e], &b = data.episodes[e + 1];
    if (a.transitions == 0 || b.transitions == 0) continue;
    const auto last = detail::last_of(a);
    if (data.terminals[std::size_t(last)] == 0) continue;
    ++terminals;
    const float* to = data.observation(b.first);
    const bool known = data.knows_next(last), one = b.rows == 1 && data.terminals[std::size_t(b.first)] != 0;
    single += one;
    const bool near = !steps.tells() || !steps.jump(data.observation(last), to);
    if (!near || !(known ? same(data.next_observation(last), to) : steps.tells())) continue;
    const auto index = std::int64_t(e);
    if (one) (known ? out.doubled : doubled_alike).push_back(index);
    else if (known) exact.push_back(index);
    else if (starts.far(to)) alike.push_back(index);
  }
  if (doubled_alike.size() >= 2 && 5 * std::int64_t(doubled_alike.size()) >= 4 * single)
    out.doubled.insert(out.doubled.end(), doubled_alike.begin(), doubled_alike.end());
  const bool many = 2 * std::int64_t(exact.size()) > terminals;
  for (const auto e : exact)
    if (steps.tells() && (!many || starts.far(data.observation(data.episodes[std::size_t(e) + 1].first))))
      out.early.push_back(e);
  out.early.insert(out.early.end(), alike.begin(), alike.end());
  std::sort(out.doubled.begin(), out.doubled.end());
  std::sort(out.early.begin(), out.early.end());
  return out;
}

TESSERA_INLINE LimitTerminals limit_terminals(const Dataset& data) {
  std::map<std::int64_t, std::int64_t> lengths;
  for (const auto& e : data.episodes) ++lengths[e.rows];
  if (lengths.empty()) return {};
  LimitTerminals out;
  const bool declared = data.task.max_steps > 0;
  out.length = declared ? data.task.max_steps : lengths.rbegin()->first;
  std::int64_t cut = 0;
  for (std::size_t e = 0; e < data.episodes.size(); ++e) {
    const auto& episode = data.episodes[e];
    if (episode.rows != out.length || episode.transitions == 0) continue;
    if (data.terminals[std::size_t(detail::last_of(episode))] != 0) out.episodes.push_back(std::int64_t(e));
    else cut += episode.complete;
  }
  const auto count = std::int64_t(out.episodes.size()), all = std::int64_t(data.episodes.size());
  std::int64_t near = 0;
  for (const auto& [length, n] : lengths)
    if (length < out.length && 10 * length >= 9 * out.length) near = std::max(near, n);
  const bool limit = declared ? count >= 2 && 20 * count >= all && count > cut
                              : count >= 3 && 20 * count >= all && count >= 3 * near && cut == 0 && out.length >= 5;
  if (!limit || (!declared && !detail::time_columns(data).empty())) return {};
  return out;
}

TESSERA_INLINE UnmarkedCuts unmarked_cuts(const Dataset& data) {
  const auto limit = data.task.max_steps;
  UnmarkedCuts out;
  const StepLengths steps(data);
  if (!steps.tells()) return out;
  const auto breaks = [&](std::int64_t i) {
    return steps.length(data.observation(i), data.observation(i + 1)) > 4 * steps.common();
  };
  if (limit > 0) {  // an episode may be longer: people who demonstrate a task may take their time
    std::size_t passed = 0;
    for (const auto& e : data.episodes)
      for (auto k = limit; k < e.transitions; k += limit, ++passed)
        if (breaks(e.first + k - 1)) out.last.push_back(e.first + k - 1);
    if (2 * out.last.size() < passed) out.last.clear();
    if (!out.last.empty()) out.length = limit;
    return out;
  }
  // A jump is four times as long (squared) as nine in ten steps: a tenth of the rows may be cuts.
  struct Gap {
    std::int64_t rows, last;
  };
  std::vector<Gap> gaps;
  std::map<std::int64_t, std::int64_t> of_length;
  for (const auto& e : data.episodes) {
    std::int64_t begin = 0;
    for (std::int64_t k = 0; k + 1 < e.transitions; ++k) {
      const auto i = e.first + k;
      if (!breaks(i)) continue;
      gaps.push_back({k + 1 - begin, i});
      ++of_length[k + 1 - begin];
      begin = k + 1;
    }
  }
  if (of_length.empty()) return out;
  const auto most = std::max_element(of_length.begin(), of_length.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most->first < 5 || most->second < 3 || 2 * most->second < std::int64_t(gaps.size())) return out;
  out.length = most->first;
  for (const auto& gap : gaps)
    if (gap.rows == out.length) out.last.push_back(gap.last);
  return out;
}

namespace symptoms {
TESSERA_INLINE void EpisodeMarks::run(const Dataset& data, DoctorReport& report) {
  std::vector<Finding> found;
  detail::find_in_episodes(data, found);
  for (auto& f : found) {
    if (f.name == "one-step-episodes") f.level = severity::note;  // a bandit is a task like any other
    report.add(std::move(f));
  }
}

TESSERA_INLINE void DoubledTerminal::run(const Dataset& data, DoctorReport& report) {
  const auto rows = detail::last_rows(data, early_terminals(data).doubled);
  if (rows.count() == 0) return;
  report.add(
      {.what = rows.text(data) + ": marked as terminal one row before the terminal that ends the episode as well",
       .key = "terminals",
       .count = rows.count(),
       .rows = rows.rows(data),
       .why = "the value of the last step is cut off from the one before it, and the last step counts as an "
              "episode of its own",
       .advice = "clear the early mark",
       .repair = "doubled-terminal"});
}

TESSERA_INLINE void EarlyTerminal::run(const Dataset& data, DoctorReport& report) {
  const auto rows = detail::last_rows(data, early_terminals(data).early);
  if (rows.count() == 0) return;
  report.add({.what = rows.text(data) + ": marked as terminal, but the log goes on from where the step led",
              .key = "terminals",
              .count = rows.count(),
              .rows = rows.rows(data),
              .why = "a terminal says that no reward follows: the value of what leads there is cut short",
              .advice = "clear the mark where the task did not end; it is right where the log goes on after the end, "
                        "with a new goal",
              .repair = "early-terminal"});
}

TESSERA_INLINE void TimeLimitTerminals::run(const Dataset& data, DoctorReport& report) {
  const auto found = limit_terminals(data);
  const auto rows = detail::last_rows(data, found.episodes);
  if (rows.count() == 0) return;
  report.add({.what = rows.text(data) + ": terminal after " + std::to_string(found.length) + " rows, " +
                      (data.task.max_steps > 0 ? "the time limit of the task" : "the length of the longest episodes"),
              .key = "terminals",
              .count = rows.count(),
              .rows = rows.rows(data),
              .why = "an episode that was only cut has a future: marked as terminal, states where time ran out are "
                     "learned to be worth nothing",
              .advice = "mark a time limit in 'timeouts', not in 'terminals'",
              .repair = "time-limit-terminals"});
}

TESSERA_INLINE void UnmarkedTimeout::run(const Dataset& data, DoctorReport& report) {
  const auto found = unmarked_cuts(data);
  FoundRows rows;
  for (const auto i : found.last) rows.add(i);
  if (rows.count() == 0) return;
  const auto length = std::to_string(found.length);
  report.add({.what = rows.text(data) + ": the log jumps after " + length +
                      " rows, without a mark that the episode was cut there",
              .key = "timeouts",
              .count = rows.count(),
              .rows = rows.rows(data),
              .why = "the first state of the next episode is taken for what the action led to, and returns run across "
                     "episodes",
              .advice = "read the file with --episode-length " + length + ", or mark the cuts in 'timeouts'"});
}

TESSERA_INLINE void OpenEnd::run(const Dataset& data, DoctorReport& report) {
  if (data.episodes.size() < 2 || data.episodes.back().complete) return;
  const auto& e = data.episodes.back();
  report.add({.what = "the last " + std::to_string(e.rows) + (e.rows == 1 ? " row has" : " rows have") +
                      " no end mark: the log stops inside an episode, which counts as cut",
              .key = "timeouts",
              .count = e.rows,
              .rows = {row_of(data, e.first)},
              .why = "its return is that of a part of an episode",
              .advice = "nothing, if the log was stopped there"});
}

TESSERA_INLINE void FewEpisodes::run(const Dataset& data, DoctorReport& report) {
  const auto count = std::int64_t(data.episodes.size());
  if (count >= 20 || count < 2) return;  // one has its own finding
  report.add({.name = name,
              .level = count < 5 ? severity::warning : severity::note,
              .what = std::to_string(count) + " episodes",
              .why = "what is learned holds for the few situations that they show; averages of returns mean little",
              .advice = "collect more, or expect imitation at best"});
}
}  // namespace symptoms
}  // namespace tessera
