#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/doctor/actions.hpp>
#include <tessera/doctor/check.hpp>
#include <tessera/doctor/columns.hpp>
#include <tessera/doctor/continuity.hpp>
#include <tessera/doctor/coverage.hpp>
#include <tessera/doctor/duplicates.hpp>
#include <tessera/doctor/ends.hpp>
#include <tessera/doctor/reader_warnings.hpp>
#include <tessera/doctor/reward_shift.hpp>
#include <tessera/doctor/rewards.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/nearest_name.hpp>

namespace tessera {
TESSERA_INLINE std::vector<CheckEntry>& dataset_checks() {
  using detail::check_of;
  static std::vector<CheckEntry> all = {check_of<symptoms::ReaderWarnings>(),
                                        check_of<symptoms::EpisodeMarks>(),
                                        check_of<symptoms::DoubledTerminal>(),
                                        check_of<symptoms::EarlyTerminal>(),
                                        check_of<symptoms::TimeLimitTerminals>(),
                                        check_of<symptoms::UnmarkedTimeout>(),
                                        check_of<symptoms::OpenEnd>(),
                                        check_of<symptoms::FewEpisodes>(),
                                        check_of<symptoms::MisalignedNext>(),
                                        check_of<symptoms::NextOfNextEpisode>(),
                                        check_of<symptoms::BrokenContinuity>(),
                                        check_of<symptoms::DuplicateRows>(),
                                        check_of<symptoms::DuplicateEpisodes>(),
                                        check_of<symptoms::ObservationColumns>(),
                                        check_of<symptoms::RareValues>(),
                                        check_of<symptoms::ObservationBounds>(),
                                        check_of<symptoms::TimeColumn>(),
                                        check_of<symptoms::ReturnColumn>(),
                                        check_of<symptoms::RewardValues>(),
                                        check_of<symptoms::RewardScale>(),
                                        check_of<symptoms::RewardShift>(),
                                        check_of<symptoms::ContinuousActions>(),
                                        check_of<symptoms::SaturatedActions>(),
                                        check_of<symptoms::DiscreteActions>(),
                                        check_of<symptoms::Coverage>()};
  return all;
}

TESSERA_INLINE void require_distinct_checks() {
  const auto& all = dataset_checks();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].name == all[j].name)
        throw Error("this program registers two checks called '" + all[i].name +
                    "'; give one of them another name, or leave it out");
}

namespace detail {
// Numbers that are not finite, column by column; readers refuse files that have them.
TESSERA_INLINE void find_not_finite(const Dataset& data, DoctorReport& report) {
  const auto look = [&](const char* column, const std::vector<float>& x, std::int64_t width) {
    std::vector<std::int64_t> rows;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (std::isfinite(x[i])) continue;
      if (count++ < FoundRows::most) rows.push_back(std::int64_t(i) / std::max<std::int64_t>(width, 1));
    }
    if (count == 0) return;
    const auto first = rows.front();
    report.add({.what = count_text(count, "number", "row " + std::to_string(first)) + ": NaN or infinite",
                .key = column,
                .count = count,
                .rows = rows,
                .why = "one such number makes every parameter of a network NaN with its first batch",
                .advice = "leave out the episodes that have them, or find out what wrote them"});
  };
  report.begin("not-finite", severity::error);
  look("observations", data.observations, data.observation_size);
  if (data.kind == action_kind::continuous) look("actions", data.actions, data.action_size);
  look("rewards", data.rewards, 1);
  report.end();
}
TESSERA_INLINE std::string unmet_need(const Dataset& data, const CheckNeeds& needs) {
  if (needs.actions == CheckNeeds::continuous && data.kind != action_kind::continuous) return "actions are discrete";
  if (needs.actions == CheckNeeds::discrete && data.kind != action_kind::discrete) return "actions are continuous";
  const auto few = [](std::int64_t least, const char* what) { return "needs " + std::to_string(least) + what; };
  if (std::int64_t(data.episodes.size()) < needs.episodes) return few(needs.episodes, " episodes");
  if (data.size() < needs.transitions) return few(needs.transitions, " transitions");
  return "";
}
}  // namespace detail

TESSERA_INLINE DoctorReport doctor(const Dataset& data, const DoctorOptions& options) {
  require_in_memory(data, "the doctor");
  require_distinct_checks();
  std::vector<std::string> names = {"not-finite", "not-sound", "shared-episodes"};
  for (const auto& c : dataset_checks()) names.push_back(c.name);
  for (const auto& wanted : options.only)
    if (std::find(names.begin(), names.end(), wanted) == names.end()) {
      const auto meant = nearest_name(wanted, names);
      std::string known;
      for (const auto& name : names) known += (known.empty() ? "" : ", ") + name;
      throw Error("unknown check '" + wanted + "'" + (meant.empty() ? "" : "; did you mean '" + meant + "'?") +
                  " (there are " + known + ")");
    }
  const auto wanted = [&](const std::string& name) {
    return options.only.empty() || std::find(options.only.begin(), options.only.end(), name) != options.only.end();
  };
  DoctorReport report;
  report.name = data.name, report.format = data.format;
  report.rows = detail::rows_in_file(data), report.transitions = data.size();
  report.episodes = std::int64_t(data.episodes.size());
  const auto sorted = [](DoctorReport r) {
    std::stable_sort(r.findings.begin(), r.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.level > b.level; });
    return r;
  };
  try {
    require_sound(data);
  } catch (const Error& e) {
    detail::find_not_finite(data, report);
    if (report.findings.empty()) {
      report.begin("not-sound", severity::error);
      report.add({.what = e.what(), .why = "no learner accepts such data"});
      report.end();
    }
    return sorted(std::move(report));
  }
  if (wanted("not-finite")) report.begin("not-finite", severity::error), report.end();
  for (const auto& check : dataset_checks()) {
    if (!wanted(check.name) || (options.training && !check.needs.training)) continue;
    if (const auto why = detail::unmet_need(data, check.needs); !why.empty()) {
      report.checks.push_back({check.name, 0, why});
      continue;
    }
    report.begin(check.name, check.level);
    check.run(data, report);
    report.end();
  }
  if (options.against != nullptr && wanted("shared-episodes")) {
    report.begin("shared-episodes", severity::error);
    find_shared_episodes(data, *options.against, report);
    report.end();
  }
  return sorted(std::move(report));
}

TESSERA_INLINE std::vector<Warning> training_findings(const Dataset& data) {
  std::vector<Warning> out;
  if (data.size() == 0) return out;
  for (const auto& f : doctor(data, {.training = true}).findings) out.push_back(f.warning());
  return out;
}
}  // namespace tessera
