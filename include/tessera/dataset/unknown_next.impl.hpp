#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <tessera/dataset/unknown_next.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::detail {
TESSERA_INLINE StandIns::StandIns(const FlatRows& rows)
    : rows_(rows), count_(rows.rewards.size()), width_(std::size_t(rows.observation_size)) {
  inside_.reserve(count_);
  for (std::size_t i = 0; i + 1 < count_; ++i)
    if (rows.terminals[i] == 0 && rows.timeouts[i] == 0) inside_.push_back(i);
}

TESSERA_INLINE bool StandIns::is_zero(std::size_t i) const {
  return std::all_of(next(i), next(i) + width_, [](float x) { return x == 0; });
}
TESSERA_INLINE bool StandIns::has_nan(std::size_t i) const {
  return std::any_of(next(i), next(i) + width_, [](float x) { return std::isnan(x); });
}
TESSERA_INLINE bool StandIns::jump(const std::vector<std::size_t>& ends) const {
  if (ends.size() < 2 || inside_.size() < 20) return false;
  std::vector<double> mean(width_, 0), unit(width_, 0);
  for (std::size_t i = 0; i < count_; ++i)
    for (std::size_t j = 0; j < width_; ++j) mean[j] += double(own(i)[j]) / double(count_);
  for (std::size_t i = 0; i < count_; ++i)
    for (std::size_t j = 0; j < width_; ++j) unit[j] += square(own(i)[j], mean[j]) / double(count_);
  const auto length = [&](std::size_t i) {
    double sum = 0;
    for (std::size_t j = 0; j < width_; ++j)
      if (unit[j] > 0) sum += square(next(i)[j], own(i)[j]) / unit[j];
    return sum;
  };
  std::vector<double> lengths;
  lengths.reserve(inside_.size());
  for (const auto i : inside_) lengths.push_back(length(i));
  const auto rank = lengths.begin() + std::ptrdiff_t(0.99 * double(lengths.size() - 1));
  std::nth_element(lengths.begin(), rank, lengths.end());
  const auto longer =
      std::count_if(ends.begin(), ends.end(), [&](std::size_t i) { return length(i) > *rank * (1 + 1e-6); });
  return 2 * std::size_t(longer) >= ends.size();
}

TESSERA_INLINE bool StandIns::shuns_zero() const {
  for (std::size_t j = 0; j < width_; ++j) {
    bool zero = false, whole = true;
    for (std::size_t i = 0; i < count_ && !zero; ++i)
      zero = own(i)[j] == 0, whole = whole && own(i)[j] == std::floor(own(i)[j]);
    for (const auto i : inside_) zero = zero || next(i)[j] == 0;
    if (!zero && !whole) return true;
  }
  return false;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE void mark_unknown_next(FlatRows& rows) {
  if (rows.next_observations.empty()) return;
  const detail::StandIns in(rows);
  const auto last = in.count() - 1;
  std::vector<std::size_t> nan, terminals, timeouts;
  for (std::size_t i = 0; i <= last; ++i) {
    if (rows.terminals[i] != 0) (in.has_nan(i) ? nan : terminals).push_back(i);
    else if (rows.timeouts[i] != 0) timeouts.push_back(i);
  }
  // Those of `ends` that have it, if nearly all do; the last row is not counted where it cannot have it.
  const auto nearly_all = [&](std::vector<std::size_t> ends, bool (detail::StandIns::*has)(std::size_t) const,
                              bool ask_last) {
    if (!ask_last && !ends.empty() && ends.back() == last) ends.pop_back();
    const auto asked = ends.size();
    ends.erase(std::remove_if(ends.begin(), ends.end(), [&](std::size_t i) { return !(in.*has)(i); }), ends.end());
    if (ends.size() * 20 < asked * 19) ends.clear();
    return ends;
  };
  const auto mark = [&](const std::vector<std::size_t>& found, const char* name, const std::string& what) {
    if (found.empty()) return;
    rows.next_unknown.resize(in.count(), 0);
    RowCount all;
    for (const auto i : found) rows.next_unknown[i] = 1, all.add(std::int64_t(i));
    all.report(rows.warnings, name, what);
  };
  const auto unknown = [&](const std::vector<std::size_t>& found, const std::string& what) {
    mark(found, "unknown-next",
         "the next observation of a terminal row is " + what +
             "; it is a placeholder for an unknown one, and no model learns from it");
  };

  unknown(nan, "NaN");
  bool shifted = false;
  const double share = (double(in.inside([&](std::size_t i) { return in.stays(i); })) + 1) / (double(in.inside()) + 2);
  if (auto own = nearly_all(terminals, &detail::StandIns::stays, true);
      !own.empty() && double(own.size()) * std::log(share) <= std::log(1e-3)) {
    unknown(own, "its own observation");
  } else if (auto zeros = nearly_all(terminals, &detail::StandIns::is_zero, true);
             !zeros.empty() && in.inside([&](std::size_t i) { return in.is_zero(i); }) == 0 &&
             (in.shuns_zero() || in.jump(zeros))) {
    unknown(zeros, "all zeros");
  } else if (auto below = nearly_all(terminals, &detail::StandIns::is_below, false); in.jump(below)) {
    shifted = timeouts.empty();
    if (rows.terminals[last] != 0) below.push_back(last);
    unknown(below, "the first observation of the next episode");
  }
  auto across = nearly_all(timeouts, &detail::StandIns::is_below, false);
  if (!in.jump(across)) across.clear();
  if (rows.terminals[last] == 0 && (shifted || !across.empty())) across.push_back(last);
  mark(across, "next-of-another-episode",
       "the next observation is read across the end of the episode, so the file does not say where the step led; not "
       "used as a transition");
}
}  // namespace tessera
