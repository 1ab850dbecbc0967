#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/saturating.hpp>

namespace tessera {
namespace detail {
// A number of a data set in a readable form: 2, not 2.000000, and 1e-09, not 0.000000.
TESSERA_INLINE std::string plain_number(float x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", double(x));
  return text;
}
// Throws if a column does not hold `rows` times `width` numbers: "... holds 400 numbers, where 200 rows of 3 are 600".
TESSERA_INLINE void require_length(const std::string& name, const char* column, std::size_t has, std::int64_t rows,
                                   std::int64_t width) {
  if (width > 0 && std::int64_t(has) % width == 0 && std::int64_t(has) / width == rows) return;
  throw Error(name + ": " + column + " holds " + std::to_string(has) + " numbers, where " + std::to_string(rows) +
              (rows == 1 ? " row" : " rows") + " of " + std::to_string(width) + " are " + std::to_string(rows * width) +
              "; give one entry for every row");
}
// Throws if a number is not finite: "observations is NaN in row 3, column 1".
TESSERA_INLINE void require_finite(const std::string& name, const char* column, const float* x, std::size_t count,
                                   std::int64_t width) {
  // A finite number times 0 is 0: one sum tells, without a branch for each number.
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[i] * 0.0f;
  if (sum == 0) return;
  for (std::size_t i = 0; i < count; ++i)
    if (!std::isfinite(x[i]))
      throw Error(name + ": " + column + " is " + (std::isnan(x[i]) ? "NaN" : "infinite") + " in row " +
                  std::to_string(std::int64_t(i) / width) +
                  (width > 1 ? ", column " + std::to_string(std::int64_t(i) % width) : "") +
                  "; leave out such episodes, or correct them");
}
TESSERA_INLINE void require_flags(const std::string& name, const char* column, const std::uint8_t* x,
                                  std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (x[i] > 1)
      throw Error(name + ": " + column + " is " + std::to_string(x[i]) + " in row " + std::to_string(i) +
                  ", where a flag is 0 or 1; correct it");
}
TESSERA_INLINE void require_sizes(const std::string& name, std::int64_t observation_size, std::int64_t action_size,
                                  action_kind kind) {
  if (observation_size < 1)
    throw Error(name + ": observation_size is " + std::to_string(observation_size) +
                "; set it to how many numbers an observation has");
  if (action_size < 1)
    throw Error(name + ": action_size is " + std::to_string(action_size) + "; set it to how many " +
                (kind == action_kind::discrete ? "actions there are" : "numbers an action has"));
}
TESSERA_INLINE void require_indices(const std::string& name, const std::int64_t* x, std::size_t count,
                                    std::int64_t actions) {
  for (std::size_t i = 0; i < count; ++i)
    if (x[i] < 0 || x[i] >= actions)
      throw Error(name + ": action_indices is " + std::to_string(x[i]) + " in row " + std::to_string(i) +
                  ", where the " + std::to_string(actions) + " actions are 0 to " + std::to_string(actions - 1) +
                  "; correct it, or action_size");
}
TESSERA_INLINE void require_propensities(const std::string& name, const float* x, std::size_t count, action_kind kind) {
  const bool discrete = kind == action_kind::discrete;
  for (std::size_t i = 0; i < count; ++i)
    if (!(x[i] > 0) || !std::isfinite(x[i]) || (discrete && x[i] > 1))
      throw Error(name + ": propensity is " + (std::isnan(x[i]) ? "NaN" : plain_number(x[i])) + " in row " +
                  std::to_string(i) + ", where the " +
                  (discrete ? "probability of an action that was taken is above 0 and at most 1"
                            : "density of an action that was taken is above 0 and finite") +
                  "; correct it, or leave the column out");
}
// `strictly`: for declared limits; seen limits of an action that never varies are equal.
TESSERA_INLINE void require_limits(const std::string& name, const std::vector<float>& low,
                                   const std::vector<float>& high, std::int64_t action_size, bool strictly) {
  const auto counted = [&](const char* which, std::size_t has) {
    if (std::int64_t(has) != action_size)
      throw Error(name + ": " + which + " holds " + std::to_string(has) + (has == 1 ? " number" : " numbers") +
                  ", and an action has " + std::to_string(action_size) + "; give as many" +
                  (strictly ? ", or leave out both limits" : ""));
  };
  const auto finite = [&](const char* which, const std::vector<float>& x) {
    for (std::size_t j = 0; j < x.size(); ++j)
      if (!std::isfinite(x[j]))
        throw Error(name + ": " + which + " is " + (std::isnan(x[j]) ? "NaN" : "infinite") + " in column " +
                    std::to_string(j) +
                    "; a policy acts within finite limits: give the least and the largest action that the task takes");
  };
  counted("action_low", low.size()), counted("action_high", high.size());
  finite("action_low", low), finite("action_high", high);
  for (std::size_t j = 0; j < low.size(); ++j)
    if (low[j] > high[j] || (strictly && low[j] == high[j]))
      throw Error(name + ": action_low " + plain_number(low[j]) + " is not below action_high " + plain_number(high[j]) +
                  " in column " + std::to_string(j) + "; give the least and the largest action that the task takes");
}
TESSERA_INLINE void require_spaces(const std::string& name, const Dataset& data) {
  const auto& s = data.spaces;
  const auto each = [&](const char* what, std::size_t has, std::int64_t wanted) {
    if (has != 0 && std::int64_t(has) != wanted)
      throw Error(name + ": spaces." + what + " holds " + std::to_string(has) + ", where there are " +
                  std::to_string(wanted) + "; give one for each, or leave it empty");
  };
  each("observation_names", s.observation_names.size(), data.observation_size);
  each("observation_low", s.observation_low.size(), data.observation_size);
  each("observation_high", s.observation_high.size(), data.observation_size);
  each("action_names", s.action_names.size(), data.action_size);
  std::uint64_t product = 1;
  const auto wanted = std::uint64_t(data.action_size);
  for (const auto factor : s.action_factors) {
    if (factor < 1 || product > wanted)
      throw Error(name + ": spaces.action_factors has a factor of " + std::to_string(factor) +
                  "; give how many values each choice has");
    product = math::saturating_product(product, std::uint64_t(factor));
  }
  if (!s.action_factors.empty() && (data.kind != action_kind::discrete || product != wanted))
    throw Error(name + ": the product of spaces.action_factors is not the number of discrete actions, " +
                std::to_string(data.action_size) + "; give how many values each choice has");
}
TESSERA_INLINE void require_episodes(const std::string& name, const Dataset& data) {
  const auto rows = data.size();
  std::int64_t begin = 0;
  for (std::size_t e = 0; e < data.episodes.size(); ++e) {
    const auto& episode = data.episodes[e];
    if (episode.first != begin || episode.transitions < 0 || episode.transitions > rows - begin)
      throw Error(name + ": episode " + std::to_string(e) + " begins at transition " + std::to_string(episode.first) +
                  " and has " + std::to_string(episode.transitions) + ", where it should begin at " +
                  std::to_string(begin) + " and there are " + std::to_string(rows) + " in all; correct it");
    begin += episode.transitions;
  }
  if (begin != rows)
    throw Error(name + ": its episodes hold " + std::to_string(begin) + " of " + std::to_string(rows) +
                " transitions; fill in episodes, or let dataset_from_arrays of <tessera/io/from_arrays.hpp> do it");
}
}  // namespace detail

/// Throws an Error, one line with column and row, if a data set cannot be learned from: the checks that a reader makes
/// on a file, for data that a program has filled in itself.  Everything that makes a learner calls it.  One pass over
/// the numbers.
TESSERA_INLINE void require_sound(const Dataset& data) {
  const auto name = data.name.empty() ? std::string("data set") : data.name;
  detail::require_sizes(name, data.observation_size, data.action_size, data.kind);
  const auto rows = data.size();
  if (rows == 0) throw Error(name + ": has no transitions (rewards is empty); give it some");
  if (data.on_disk) {  // the numbers were checked when it was opened
    if (data.kind == action_kind::continuous)
      detail::require_limits(name, data.action_low, data.action_high, data.action_size, false);
    detail::require_spaces(name, data);
    return detail::require_episodes(name, data);
  }
  const auto stored = std::int64_t(data.observations.size()) / data.observation_size;
  detail::require_length(name, "observations", data.observations.size(), stored, data.observation_size);
  const auto each = [&](const char* column, std::size_t has) { detail::require_length(name, column, has, rows, 1); };
  each("observation_row", data.observation_row.size()), each("next_observation_row", data.next_observation_row.size());
  each("terminals", data.terminals.size()), each("timeouts", data.timeouts.size());
  if (!data.unknown_next.empty()) each("unknown_next", data.unknown_next.size());
  if (!data.propensities.empty()) {
    each("propensities", data.propensities.size());
    detail::require_propensities(name, data.propensities.data(), data.propensities.size(), data.kind);
  }
  const auto points = [&](const char* column, const std::vector<std::int64_t>& x) {
    for (std::size_t i = 0; i < x.size(); ++i)
      if (x[i] < 0 || x[i] >= stored)
        throw Error(name + ": " + column + " is " + std::to_string(x[i]) + " in row " + std::to_string(i) +
                    ", and there are " + std::to_string(stored) + " observations, counted from 0; correct it");
  };
  points("observation_row", data.observation_row), points("next_observation_row", data.next_observation_row);
  if (data.kind == action_kind::discrete) {
    each("action_indices", data.action_indices.size());
    detail::require_indices(name, data.action_indices.data(), data.action_indices.size(), data.action_size);
  } else {
    detail::require_length(name, "actions", data.actions.size(), rows, data.action_size);
    detail::require_finite(name, "actions", data.actions.data(), data.actions.size(), data.action_size);
    detail::require_limits(name, data.action_low, data.action_high, data.action_size, false);
  }
  detail::require_finite(name, "observations", data.observations.data(), data.observations.size(),
                         data.observation_size);
  detail::require_finite(name, "rewards", data.rewards.data(), data.rewards.size(), 1);
  detail::require_flags(name, "terminals", data.terminals.data(), data.terminals.size());
  detail::require_flags(name, "timeouts", data.timeouts.data(), data.timeouts.size());
  detail::require_spaces(name, data);
  detail::require_episodes(name, data);
}
}  // namespace tessera
