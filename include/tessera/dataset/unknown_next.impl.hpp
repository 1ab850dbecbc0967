#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include <tessera/dataset/unknown_next.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE VisitedRows visited(const FlatRows& rows) {
  return {std::size_t(rows.observation_size), rows.terminals, rows.timeouts, [&rows](const VisitedRows::Visitor& each) {
            const auto width = std::size_t(rows.observation_size), count = rows.rewards.size();
            for (std::size_t i = 0; i < count; ++i) {
              const float* own = rows.observations.data() + i * width;
              each(i, own, rows.next_observations.data() + i * width, i + 1 < count ? own + width : nullptr);
            }
          }};
}
}  // namespace tessera

namespace tessera::detail {
TESSERA_INLINE StandIns::StandIns(const VisitedRows& rows) : rows_(rows) {
  rows_.visit([&](std::size_t i, const float* own, const float* next, const float* below) {
    if (is_inside(i)) {
      ++inside_, staying_ += equal(next, own);
      return;
    }
    ends_.push_back({i,
                     {.nan = std::any_of(next, next + rows_.width, [](float x) { return std::isnan(x); }),
                      .own = equal(next, own),
                      .zero = is_zero(next),
                      .below = below != nullptr && equal(next, below)}});
  });
}
TESSERA_INLINE const StandIns::Looks& StandIns::at(std::size_t end) const {
  return std::lower_bound(ends_.begin(), ends_.end(), end,
                          [](const auto& each, std::size_t i) { return each.first < i; })
      ->second;
}
TESSERA_INLINE bool StandIns::reaches_zero() const {
  bool any = false;
  rows_.visit([&](std::size_t i, const float*, const float* next, const float*) {
    any = any || (is_inside(i) && is_zero(next));
  });
  return any;
}

TESSERA_INLINE bool StandIns::jump(const std::vector<std::size_t>& ends) const {
  if (ends.size() < 2 || inside_ < 20) return false;
  const auto width = rows_.width;
  const auto square = [](double a, double b) { return (a - b) * (a - b); };
  std::vector<double> mean(width, 0), unit(width, 0);
  rows_.visit([&](std::size_t, const float* own, const float*, const float*) {
    for (std::size_t j = 0; j < width; ++j) mean[j] += double(own[j]) / double(count());
  });
  rows_.visit([&](std::size_t, const float* own, const float*, const float*) {
    for (std::size_t j = 0; j < width; ++j) unit[j] += square(own[j], mean[j]) / double(count());
  });
  // Of the lengths inside episodes the longest hundredth is kept; the least of these is the bound.
  const auto rank = std::size_t(0.99 * double(inside_ - 1));
  std::priority_queue<double, std::vector<double>, std::greater<>> longest;
  std::vector<double> lengths;
  rows_.visit([&](std::size_t i, const float* own, const float* next, const float*) {
    const bool asked = lengths.size() < ends.size() && ends[lengths.size()] == i;
    if (!asked && !is_inside(i)) return;
    double sum = 0;
    for (std::size_t j = 0; j < width; ++j)
      if (unit[j] > 0) sum += square(next[j], own[j]) / unit[j];
    if (asked) lengths.push_back(sum);
    if (!is_inside(i)) return;
    if (longest.size() < inside_ - rank) longest.push(sum);
    else if (sum > longest.top()) longest.pop(), longest.push(sum);
  });
  const auto longer =
      std::count_if(lengths.begin(), lengths.end(), [&](double x) { return x > longest.top() * (1 + 1e-6); });
  return 2 * std::size_t(longer) >= ends.size();
}

TESSERA_INLINE bool StandIns::shuns_zero() const {
  std::vector<std::uint8_t> zero(rows_.width, 0), fraction(rows_.width, 0);
  rows_.visit([&](std::size_t i, const float* own, const float* next, const float*) {
    const bool inside = is_inside(i);
    for (std::size_t j = 0; j < rows_.width; ++j) {
      if (own[j] == 0 || (inside && next[j] == 0)) zero[j] = 1;
      if (own[j] != std::floor(own[j])) fraction[j] = 1;
    }
  });
  for (std::size_t j = 0; j < rows_.width; ++j)
    if (zero[j] == 0 && fraction[j] != 0) return true;
  return false;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE std::vector<UnknownNext> find_unknown_next(const VisitedRows& rows) {
  using detail::StandIns;
  const StandIns in(rows);
  const auto last = in.count() - 1;
  std::vector<std::size_t> nan, terminals, timeouts;
  for (std::size_t i = 0; i <= last; ++i) {
    if (rows.terminals[i] != 0) (in.at(i).nan ? nan : terminals).push_back(i);
    else if (rows.timeouts[i] != 0) timeouts.push_back(i);
  }
  // Those of `ends` that have it, if nearly all do; the last row is not counted where it cannot have it.
  const auto nearly_all = [&](std::vector<std::size_t> ends, bool StandIns::Looks::*has, bool ask_last) {
    if (!ask_last && !ends.empty() && ends.back() == last) ends.pop_back();
    const auto asked = ends.size();
    std::erase_if(ends, [&](std::size_t i) { return !(in.at(i).*has); });
    if (ends.size() * 20 < asked * 19) ends.clear();
    return ends;
  };
  std::vector<UnknownNext> found;
  const auto unknown = [&](const std::vector<std::size_t>& of, const std::string& what) {
    found.push_back({of, "unknown-next",
                     "the next observation of a terminal row is " + what +
                         "; it is a placeholder for an unknown one, and no model learns from it"});
  };

  unknown(nan, "NaN");
  bool shifted = false;
  const double share = (double(in.staying()) + 1) / (double(in.inside()) + 2);
  if (auto own = nearly_all(terminals, &StandIns::Looks::own, true);
      !own.empty() && double(own.size()) * std::log(share) <= std::log(1e-3)) {
    unknown(own, "its own observation");
  } else if (auto zeros = nearly_all(terminals, &StandIns::Looks::zero, true);
             !zeros.empty() && !in.reaches_zero() && (in.shuns_zero() || in.jump(zeros))) {
    unknown(zeros, "all zeros");
  } else if (auto below = nearly_all(terminals, &StandIns::Looks::below, false); in.jump(below)) {
    shifted = timeouts.empty();
    if (rows.terminals[last] != 0) below.push_back(last);
    unknown(below, "the first observation of the next episode");
  }
  auto across = nearly_all(timeouts, &StandIns::Looks::below, false);
  if (!in.jump(across)) across.clear();
  if (rows.terminals[last] == 0 && (shifted || !across.empty())) across.push_back(last);
  found.push_back({across, "next-of-another-episode",
                   "the next observation is read across the end of the episode, so the file does not say where the "
                   "step led; not used as a transition"});
  std::erase_if(found, [](const UnknownNext& each) { return each.rows.empty(); });
  return found;
}

TESSERA_INLINE void mark_unknown_next(FlatRows& rows, const std::vector<UnknownNext>& found, std::int64_t first) {
  const auto begin = std::size_t(first), count = rows.rewards.size();
  for (const auto& each : found) {
    RowCount all;
    for (auto at = std::lower_bound(each.rows.begin(), each.rows.end(), begin);
         at != each.rows.end() && *at < begin + count; ++at) {
      rows.next_unknown.resize(count, 0);
      rows.next_unknown[*at - begin] = 1, all.add(std::int64_t(*at - begin));
    }
    all.report(rows.warnings, each.name, each.what);
  }
}
TESSERA_INLINE void mark_unknown_next(FlatRows& rows) {
  if (!rows.next_observations.empty()) mark_unknown_next(rows, find_unknown_next(visited(rows)), 0);
}
}  // namespace tessera
