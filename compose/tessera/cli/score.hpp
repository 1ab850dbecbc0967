#pragma once
#include <optional>
#include <string>

#include <tessera/cli/json.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/spaces.hpp>
#include <tessera/eval/normalized_score.hpp>

namespace tessera::cli {
/// What the scores of a run are measured between, and who says so.
struct RunScore {
  ScoreReference between{};
  std::string from{};  ///< "user" (--score), "data" (the data set's own), or "d4rl"
};

/// The text of --score: random=R,expert=E.  Throws an Error.
ScoreReference score_reference(const std::string& text);

/// The reference for returns in an environment: what was given with --score, or what the data say if they are of that
/// environment, or D4RL's; nothing if there is none.
std::optional<RunScore> choose_score(const std::string& given, const LogTask& task, const std::string& env);

/// Says what a score is, in a line on standard error.
void say_score(const RunScore& score);
/// In the form of config.json and of results.
json score_json(const RunScore& score);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/score.hpp>
#endif
