#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>

#include <tessera/cli/say.hpp>
#include <tessera/cli/score.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace detail {
inline Error wrong_score(const std::string& text, const std::string& why) {
  return Error("--score: '" + printable_name(text) + "' " + why +
               "; give the returns that score 0 and 100: random=R,expert=E, such as random=-20.3,expert=3234.3");
}

// "gym:Hopper-v5?x=1" and "Hopper-v4" are one task.
inline std::string task_name(std::string_view name) {
  name = name.substr(0, name.find('?'));
  std::string out(name.substr(name.rfind(':') + 1));
  if (const auto mark = out.rfind("-v"); mark != std::string::npos && mark + 2 < out.size() &&
                                         out.find_first_not_of("0123456789", mark + 2) == std::string::npos)
    out.resize(mark);
  for (char& x : out) x = char(std::tolower(static_cast<unsigned char>(x)));
  return out;
}
}  // namespace detail

TESSERA_CLI_INLINE ScoreReference score_reference(const std::string& text) {
  std::optional<double> random, expert;
  for (std::size_t from = 0; from <= text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    const auto part = text.substr(from, comma - from);
    const auto equals = part.find('=');
    const auto key = part.substr(0, equals);
    if (equals == std::string::npos || (key != "random" && key != "expert"))
      throw detail::wrong_score(text, "is not understood");
    auto& value = key == "random" ? random : expert;
    if (value) throw detail::wrong_score(text, "has " + key + " twice");
    value = real_number(std::string_view(part).substr(equals + 1));
    if (!value || std::abs(*value) > 1e30)
      throw detail::wrong_score(text, "has no number of at most 1e30 after " + key + "=");
    from = comma + 1;
  }
  if (!random || !expert) throw detail::wrong_score(text, std::string("lacks ") + (random ? "expert" : "random"));
  if (*random == *expert)
    throw detail::wrong_score(text, "has two equal returns, between which nothing can be measured");
  return {*random, *expert};
}

TESSERA_CLI_INLINE std::optional<RunScore> choose_score(const std::string& given, const LogTask& task,
                                                        const std::string& env) {
  if (!given.empty()) return RunScore{score_reference(given), "user"};
  if (env.empty()) return std::nullopt;
  const bool known = std::isfinite(task.score_zero) && std::isfinite(task.score_hundred);
  if (known && task.score_zero != task.score_hundred && detail::task_name(task.environment) == detail::task_name(env))
    return RunScore{{task.score_zero, task.score_hundred}, "data"};
  if (const auto found = d4rl_reference(env)) return RunScore{*found, "d4rl"};
  return std::nullopt;
}

TESSERA_CLI_INLINE void say_score(const RunScore& score) {
  say("score: 0 is a return of {:.7g}, and 100 one of {:.7g} ({})", score.between.random, score.between.expert,
      score.from == "user"   ? "as given"
      : score.from == "data" ? "declared by the data set"
                             : "D4RL's reference for this task");
}

TESSERA_CLI_INLINE json score_json(const RunScore& score) {
  return {{"random", score.between.random}, {"expert", score.between.expert}, {"from", score.from}};
}
}  // namespace tessera::cli
