#pragma once
#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/cli/limits.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/support/number_text.hpp>

namespace tessera::cli {
namespace detail {
inline std::vector<double> numbers(const char* flag, const std::string& text) {
  std::vector<double> out;
  for (std::size_t from = 0; from <= text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    const auto x = real_number(std::string_view(text).substr(from, comma - from));
    if (!x || std::abs(*x) > 1e30)
      throw Error(fmt::format(
          "{}: '{}' is not a number of at most 1e30, or such numbers with commas between: -1 or -1,-2", flag, text));
    out.push_back(*x);
    from = comma + 1;
  }
  return out;
}
}  // namespace detail

TESSERA_CLI_INLINE void require_limits(const std::string& low_text, const std::string& high_text) {
  if (low_text.empty() && high_text.empty()) return;
  if (low_text.empty() || high_text.empty())
    throw Error("--action-low and --action-high are given together, or not at all");
  const auto low = detail::numbers("--action-low", low_text), high = detail::numbers("--action-high", high_text);
  if (low.size() != high.size() && low.size() != 1 && high.size() != 1)
    throw Error(fmt::format(
        "--action-low has {} numbers, and --action-high {}; give one for all dimensions, or one for each: A,B,...",
        low.size(), high.size()));
  for (std::size_t j = 0; j < std::max(low.size(), high.size()); ++j) {
    const double a = low[low.size() == 1 ? 0 : j], b = high[high.size() == 1 ? 0 : j];
    if (float(a) >= float(b))
      throw Error(fmt::format(
          "--action-low {} is not below --action-high {} in dimension {}; give the least and the largest action", a, b,
          j));
  }
}

TESSERA_CLI_INLINE void declare_limits(Dataset& data, const std::string& low_text, const std::string& high_text) {
  if (low_text.empty() && high_text.empty()) return;
  if (data.kind == action_kind::discrete)
    throw Error(data.name + ": its actions are discrete and have no limits; leave out --action-low and --action-high");
  require_limits(low_text, high_text);
  const auto d = std::size_t(data.action_size);
  const auto low = detail::numbers("--action-low", low_text), high = detail::numbers("--action-high", high_text);
  for (const auto& [flag, given] : {std::pair{"--action-low", &low}, std::pair{"--action-high", &high}})
    if (given->size() != 1 && given->size() != d)
      throw Error(
          fmt::format("{} has {} numbers, but an action of {} has {}; give one for all, or one for each: A,B,...", flag,
                      given->size(), data.name, d));
  for (std::size_t j = 0; j < d; ++j) {
    const double a = low[low.size() == 1 ? 0 : j], b = high[high.size() == 1 ? 0 : j];
    data.action_low[j] = float(a), data.action_high[j] = float(b);
  }
  data.limits_from = limits_origin::user;
}

TESSERA_CLI_INLINE std::string limits_text(const Dataset& data) {
  if (data.kind == action_kind::discrete) return {};
  constexpr std::size_t max = 8;
  std::string text;
  const auto d = data.action_low.size();
  const bool equal =
      std::all_of(data.action_low.begin(), data.action_low.end(), [&](float x) { return x == data.action_low[0]; }) &&
      std::all_of(data.action_high.begin(), data.action_high.end(), [&](float x) { return x == data.action_high[0]; });
  for (std::size_t j = 0; j < (equal ? 1 : std::min(max, d)); ++j)
    text += fmt::format("{}[{:.4g}, {:.4g}]", j > 0 ? " " : "", data.action_low[j], data.action_high[j]);
  if (equal && d > 1) text += fmt::format(" in each of {} dimensions", d);
  if (!equal && d > max) text += fmt::format(" and {} more", d - max);
  switch (data.limits_from) {
    case limits_origin::file:
      return text + " (declared by the data set)";
    case limits_origin::environment:
      return text + " (those of the environment)";
    case limits_origin::user:
      return text + " (as given)";
    default:
      return text +
             " (seen in the data, and never left by the policy; the real ones may be given with --action-low and "
             "--action-high)";
  }
}

TESSERA_CLI_INLINE json describe_limits(const Dataset& data) {
  if (data.kind == action_kind::discrete) return {};
  say("action limits: {}", limits_text(data));
  return {{"low", data.action_low}, {"high", data.action_high}, {"from", detail::origin_name(data.limits_from)}};
}
}  // namespace tessera::cli
